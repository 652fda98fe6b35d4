/**
 * Latchkey storage in Postgres: every port in the tables of one schema.
 *
 * @module
 */
export type { SynchronousCommit } from './durability.ts'
export type { ListeningConnection } from './listening.ts'
export type { MigrationStep } from './migration-steps.ts'
export { openAdapter } from './open-adapter.ts'
export { type ClientChangesOptions, createPostgresClientChanges } from './postgres-client-changes.ts'
export { createPostgresClientRegistry } from './postgres-client-registry.ts'
export { createPostgresCredentialUses } from './postgres-credential-uses.ts'
export { createPostgresMigrations, type MigrationOptions } from './postgres-migrations.ts'
export { createPostgresReplayGuard } from './postgres-replay-guard.ts'
export { createPostgresResourceRegistry } from './postgres-resource-registry.ts'
export { createPostgresSigningKeyStore } from './postgres-signing-key-store.ts'
export { createPostgresStatusIndexes } from './postgres-status-indexes.ts'
export { createPostgresSweeper } from './postgres-sweeper.ts'
export { createPostgresTokenStore, type TokenPathOptions } from './postgres-token-store.ts'
export type { Answer, ConnectionSource, LentConnection, Queryable, Statement } from './queryable.ts'
export type { SchemaOptions } from './schema.ts'
