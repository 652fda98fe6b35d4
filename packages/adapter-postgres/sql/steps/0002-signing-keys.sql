-- The keys that tokens are signed with, their private halves encrypted, and how often the set of them has changed.

CREATE TABLE signing_keys (
  kid text COLLATE "C" PRIMARY KEY,
  key json NOT NULL
);

-- One row, which is there from the beginning: of several nodes that change the set, one gets to count it up.
CREATE TABLE signing_key_set (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  generation bigint NOT NULL
);
INSERT INTO signing_key_set (generation) VALUES (0);
