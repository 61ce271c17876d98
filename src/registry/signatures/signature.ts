/** Signing and checking bytes with the kinds of key that cosign takes: ECDSA, RSA and Ed25519. Pure but for randomness. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** ECDSA and RSA sign a SHA-256 digest, Ed25519 the bytes. */
const algorithmOf = ({ asymmetricKeyType: type }: KeyObject): string | null =>
  type === "ed25519" ? null : "sha256";

export function signBytes(bytes: Uint8Array, key: KeyObject): Buffer {
  return sign(algorithmOf(key), bytes, key);
}

export function isSignedBy(bytes: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  try {
    return verify(algorithmOf(key), bytes, key, signature);
  } catch {
    // A signature of another kind of key.
    return false;
  }
}

/** How a key is named in what it signed: SHA-256 of its public part, in base64. */
export function hintOf(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  const der = publicKey.export({ format: "der", type: "spki" });
  return createHash("sha256").update(der).digest("base64");
}
