/** What a module is called by its content: `sha256:` and 64 hexadecimal digits. */
import { hash } from "node:crypto";

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}
