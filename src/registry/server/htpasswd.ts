/** Users and passwords from a file that `htpasswd -B` writes. */
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf, PropError } from "../../errors.ts";

export interface Credentials {
  /** Whether an Authorization header names a user with the right password. */
  check(authorization: string | undefined): Promise<boolean>;
}

/** @throws PropError `HTPASSWD_INVALID` */
export async function readHtpasswd(path: string): Promise<Credentials> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw invalid(path, messageOf(error));
  });
  const hashes = parseHtpasswd(path, text);
  const { compare } = await import("bcryptjs");
  /** Of logins that were right: a password takes long to check, on purpose, and clients send it each time. */
  const known = new Set<string>();
  const key = randomBytes(32);

  return {
    async check(authorization) {
      const login = parseBasic(authorization);
      if (login === undefined) return false;
      const mark = createHmac("sha256", key)
        .update(JSON.stringify([login.user, login.password]))
        .digest("hex");
      if (known.has(mark)) return true;
      const hash = hashes.get(login.user);
      // Who asks for a user that isn't there waits as long.
      const isRight = await compare(login.password, hash ?? nobody(hashes));
      if (!isRight || hash === undefined) return false;
      known.add(mark);
      return true;
    },
  };
}

function parseHtpasswd(path: string, text: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, user, hash] = /^([^:]+):(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/.exec(line) ?? [];
    if (user === undefined || hash === undefined) {
      throw invalid(path, `line ${index + 1} is not a user and a bcrypt hash`);
    }
    hashes.set(user, hash);
  }
  if (hashes.size === 0) throw invalid(path, "it has no user");
  return hashes;
}

function nobody(hashes: Map<string, string>): string {
  const [hash = ""] = hashes.values();
  return hash;
}

/** RFC 7617. */
function parseBasic(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/=]+)$/i.exec(authorization?.trim() ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function invalid(path: string, reason: string): PropError {
  return new PropError({
    code: "HTPASSWD_INVALID",
    message: `password file ${path}: ${reason}`,
    hint: "Write it with: htpasswd -B -c <file> <user>",
    exitCode: 2,
  });
}
