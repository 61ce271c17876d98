/** Who may connect, and as what. */
import { createHash, timingSafeEqual } from "node:crypto";

/** What an entity may do on the broker; see `access.ts`. */
export type Role = "manager" | "proplet" | "client";

/** Tells the role of an id and its key; undefined where the two don't belong together. */
export type Authenticate = (
  username: string,
  password: string,
) => Role | undefined | Promise<Role | undefined>;

/** Compares two keys in a time that tells nothing of where they differ, nor of their lengths. */
export function keysMatch(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

export interface Credential {
  key: string;
  role: Role;
}

/** Authenticates against a map from id to credential; entries may come and go while it is in use. */
export function authenticateFrom(credentials: ReadonlyMap<string, Credential>): Authenticate {
  return (username, password) => {
    const credential = credentials.get(username);
    // Compared for an unknown id too, so that the time doesn't tell which ids exist.
    const isRight = keysMatch(password, credential?.key ?? "");
    return credential && isRight ? credential.role : undefined;
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
