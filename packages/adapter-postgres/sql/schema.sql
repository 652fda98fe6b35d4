-- The schema once every step is taken. Written by a test, which fails when it is another one.

CREATE TABLE claims (
  key_digest bytea NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT claims_pkey PRIMARY KEY (key_digest)
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);
CREATE INDEX claims_expires_at ON claims USING btree (expires_at);

CREATE TABLE clients (
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  client json NOT NULL,
  CONSTRAINT clients_pkey PRIMARY KEY (id)
);

CREATE TABLE credential_uses (
  client_id text COLLATE "C" NOT NULL,
  credential_id text COLLATE "C" NOT NULL,
  used_at bigint NOT NULL,
  CONSTRAINT credential_uses_pkey PRIMARY KEY (client_id, credential_id)
);

CREATE TABLE migrations (
  name text COLLATE "C" NOT NULL,
  breaking boolean NOT NULL,
  taken_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE resources (
  identifier text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  resource json NOT NULL,
  CONSTRAINT resources_pkey PRIMARY KEY (identifier)
);

CREATE TABLE revocations (
  id bytea NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT revocations_pkey PRIMARY KEY (id)
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);
CREATE INDEX revocations_expires_at ON revocations USING btree (expires_at);

CREATE TABLE signing_key_set (
  single boolean NOT NULL DEFAULT true,
  generation bigint NOT NULL,
  CONSTRAINT signing_key_set_pkey PRIMARY KEY (single),
  CONSTRAINT signing_key_set_single_check CHECK (single)
);

CREATE TABLE signing_keys (
  kid text COLLATE "C" NOT NULL,
  key json NOT NULL,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid)
);

CREATE TABLE status_lists (
  list text COLLATE "C" NOT NULL,
  reserved integer NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT status_lists_pkey PRIMARY KEY (list)
);

CREATE TABLE status_revocations (
  list text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  CONSTRAINT status_revocations_list_fkey FOREIGN KEY (list) REFERENCES status_lists(list) ON DELETE CASCADE,
  CONSTRAINT status_revocations_pkey PRIMARY KEY (list, place)
);

CREATE TABLE tokens (
  id bytea NOT NULL,
  expires_at bigint NOT NULL,
  record json NOT NULL,
  CONSTRAINT tokens_pkey PRIMARY KEY (id)
) WITH (autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);
CREATE INDEX tokens_expires_at ON tokens USING btree (expires_at);

CREATE OR REPLACE FUNCTION find_tokens(ids bytea[])
 RETURNS TABLE(place integer, document text)
 LANGUAGE plpgsql
 STABLE
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
  RETURN QUERY
  SELECT asked.place::integer, (
    SELECT tokens.record::text FROM tokens
    WHERE tokens.id = asked.id
    AND (SELECT true FROM revocations WHERE revocations.id = asked.id) IS NULL
  )
  FROM unnest(ids) WITH ORDINALITY AS asked (id, place);
END
$function$
;
