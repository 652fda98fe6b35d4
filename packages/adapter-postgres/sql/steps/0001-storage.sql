-- Everything that the first version keeps. Ids compare by their bytes, times are whole seconds since 1970, and a token,
-- a revocation and a claim are known by SHA-256 alone. Documents are json and not jsonb, which could not hold every
-- string that JSON can.

CREATE TABLE clients (
  id text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  client json NOT NULL
);

CREATE TABLE credential_uses (
  client_id text COLLATE "C" NOT NULL,
  credential_id text COLLATE "C" NOT NULL,
  used_at bigint NOT NULL,
  PRIMARY KEY (client_id, credential_id)
);

CREATE TABLE tokens (
  id bytea PRIMARY KEY,
  expires_at bigint NOT NULL,
  record json NOT NULL
);
CREATE INDEX tokens_expires_at ON tokens (expires_at);

-- Beside the tokens, so that saving one later cannot undo its revocation.
CREATE TABLE revocations (
  id bytea PRIMARY KEY,
  expires_at bigint NOT NULL
);
CREATE INDEX revocations_expires_at ON revocations (expires_at);

-- The key alone is unique: with the expiry beside it a replay with another expiry would pass.
CREATE TABLE claims (
  key_digest bytea PRIMARY KEY,
  expires_at bigint NOT NULL
);
CREATE INDEX claims_expires_at ON claims (expires_at);

-- What is swept is a small part of a large table: a fifth of it would be too long to wait.
ALTER TABLE tokens SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE revocations SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE claims SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
