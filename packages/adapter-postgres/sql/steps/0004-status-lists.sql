-- Lists of revoked self-contained tokens: how many places of each were given away, and which of them were revoked.

CREATE TABLE status_lists (
  list text COLLATE "C" PRIMARY KEY,
  reserved integer NOT NULL,
  expires_at bigint NOT NULL
);

CREATE TABLE status_revocations (
  list text COLLATE "C" NOT NULL REFERENCES status_lists ON DELETE CASCADE,
  place integer NOT NULL,
  PRIMARY KEY (list, place)
);
