import { scryptHash } from "../crypto.ts";
import type { SecretHash } from "../domain/credential.ts";
import { isPlausible } from "../protocol/basic-credentials.ts";
import { credentialIdIn, hashGeneratedSecret } from "./generated-secret.ts";

/** The stored form of a secret. */
export interface HashedSecret {
	readonly hash: SecretHash;
	/** The id that the credential must have, where the secret names it: only a generated one does. */
	readonly credentialId: string | undefined;
}

/**
 * Hashes a secret for storage: one that Latchkey generated with SHA-256, any other with scrypt, which takes about a quarter
 * of a second off the event loop.
 *
 * @throws TypeError when no client could present it: printable ASCII only, 1 to 1024 characters (RFC 6749 Appendix A.2).
 */
export async function hashSecret(secret: string): Promise<HashedSecret> {
	if (!isPlausible({ clientId: "any", clientSecret: secret }))
		throw new TypeError(
			"a client secret must be 1 to 1024 characters of printable ASCII",
		);
	const credentialId = credentialIdIn(secret);
	return credentialId === undefined
		? { hash: await scryptHash(secret), credentialId }
		: { hash: hashGeneratedSecret(secret, credentialId), credentialId };
}
