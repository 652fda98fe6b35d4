-- The APIs that tokens may be meant for, by their identifiers.

CREATE TABLE resources (
  identifier text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  resource json NOT NULL
);
