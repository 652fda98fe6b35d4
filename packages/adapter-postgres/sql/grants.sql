-- The rights that the running service needs, and no more. Migrations need the owner's.
--
--   psql --set=schema=latchkey --set=role=latchkey_service --file=grants.sql

GRANT USAGE ON SCHEMA :"schema" TO :"role";

GRANT SELECT ON :"schema".migrations TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".clients TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".credential_uses TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".resources TO :"role";
GRANT SELECT, INSERT, DELETE ON :"schema".signing_keys TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON :"schema".status_lists TO :"role";
GRANT SELECT, INSERT ON :"schema".status_revocations TO :"role";
GRANT SELECT, UPDATE ON :"schema".signing_key_set TO :"role";

-- Nothing of a token or a claim ever changes. Locking the rows that a sweep forgets takes the right to update a column.
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON :"schema".tokens TO :"role";
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON :"schema".revocations TO :"role";
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at) ON :"schema".claims TO :"role";
GRANT EXECUTE ON FUNCTION :"schema".find_tokens(bytea[]) TO :"role";
