import { digestsEqual, randomBase62, sha256 } from "../crypto.ts";
import type { Client } from "../domain/client.ts";
import type { Credential, SecretHash } from "../domain/credential.ts";
import { CHECKSUM_LENGTH, checksum } from "../protocol/checksum.ts";

const PREFIX = "lk_s_";
const ID_LENGTH = 12;
const RANDOM_LENGTH = 43;
const ID_END = PREFIX.length + ID_LENGTH;
const CHECKSUM_START = ID_END + 1 + RANDOM_LENGTH + 1;
const FORM = /^lk_s_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;

/** A secret of Latchkey's own making, the only time that it is seen. */
export interface GeneratedSecret {
	/** What the client keeps: 68 characters that mean the same raw and form-encoded, and name their credential. */
	readonly secret: string;
	readonly credentialId: string;
	/** What the server keeps. */
	readonly hash: SecretHash;
}

/** Makes a secret of 256 bits: `lk_s_`, the credential's id, the random part, and a checksum of all that precedes it. */
export function generateSecret(): GeneratedSecret {
	const credentialId = randomBase62(ID_LENGTH);
	const named = `${PREFIX}${credentialId}_${randomBase62(RANDOM_LENGTH)}_`;
	const secret = named + checksum(named);
	return {
		secret,
		credentialId,
		hash: hashGeneratedSecret(secret, credentialId),
	};
}

/** The credential that a secret names, or `undefined` when it is not of the generated form. Reads by position. */
export function credentialIdIn(secret: string): string | undefined {
	if (secret.length !== CHECKSUM_START + CHECKSUM_LENGTH || !FORM.test(secret))
		return undefined;
	if (
		checksum(secret.slice(0, CHECKSUM_START)) !== secret.slice(CHECKSUM_START)
	)
		return undefined;
	return secret.slice(PREFIX.length, ID_END);
}

/** The stored form of a generated secret. */
export const hashGeneratedSecret = (
	secret: string,
	credentialId: string,
): SecretHash => `$sha256$id=${credentialId}$${sha256(secret)}`;

/** Where the digest begins in a stored hash: behind `$sha256$id=`, the id and another `$`. */
const DIGEST_START = "$sha256$id=".length + ID_LENGTH + 1;

/** Compared with when there is nothing to compare with, so that an unknown client takes the same work. */
const NOBODY = sha256(randomBase62(RANDOM_LENGTH));

/** The credential that the secret names, if the client holds it and the secret is its own. One hash, one comparison. */
export function findByGeneratedSecret(
	client: Client | undefined,
	credentialId: string,
	secret: string,
): Credential | undefined {
	const named = client?.credentials.find(
		({ id, hash }) => id === credentialId && hash.startsWith("$sha256$"),
	);
	const matches = digestsEqual(
		sha256(secret),
		named?.hash.slice(DIGEST_START) ?? NOBODY,
	);
	return matches ? named : undefined;
}
