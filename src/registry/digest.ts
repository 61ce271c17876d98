/** What a module is called by its content: `sha256:` and 64 hexadecimal digits. */
import { hash } from "node:crypto";

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}

/** The digest of the same algorithm as another: SHA-512 where that one is, else SHA-256. */
export function digestLike(bytes: Uint8Array, other: string): string {
  return other.startsWith("sha512:") ? `sha512:${hash("sha512", bytes, "hex")}` : digestOf(bytes);
}
