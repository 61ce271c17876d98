/** The keys with which others connect to the broker of `prop dev`: made at its first start, kept in `keys.json`. */
import { randomBytes } from "node:crypto";
import Type from "typebox";
import Value from "typebox/value";
import type { Credential, Role } from "../broker/credentials.ts";
import { readTextIfThere, writePrivateFile } from "../config/private-file.ts";
import { PropError } from "../errors.ts";

const schema = Type.Record(
  Type.String({ minLength: 1 }),
  Type.Object({
    role: Type.Union([Type.Literal("manager"), Type.Literal("proplet"), Type.Literal("client")]),
    key: Type.String({ minLength: 16 }),
  }),
);

/**
 * The credentials in `path`, by id; those of the manager, a client and each of `propletIds` are added where they are
 * missing. Entries that a user wrote stay.
 * @throws PropError `KEYS_INVALID`
 */
export async function readKeys(
  path: string,
  propletIds: readonly string[],
): Promise<ReadonlyMap<string, Credential>> {
  const text = await readTextIfThere(path);
  const keys = text === undefined ? new Map<string, Credential>() : parseKeys(text, path);
  const wanted: [string, Role][] = [
    ["manager", "manager"],
    ["client", "client"],
    ...propletIds.map((id): [string, Role] => [id, "proplet"]),
  ];
  const missing = wanted.filter(([id]) => !keys.has(id));
  for (const [id, role] of missing) keys.set(id, { role, key: randomBytes(24).toString("base64url") });
  if (missing.length > 0) {
    await writePrivateFile(path, `${JSON.stringify(Object.fromEntries(keys), null, 2)}\n`);
  }
  return keys;
}

function parseKeys(text: string, path: string): Map<string, Credential> {
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(schema, value)) return new Map(Object.entries(value));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PropError({
    code: "KEYS_INVALID",
    message: `${path} is no list of keys`,
    hint: 'It is written as {"<id>": {"role": "proplet", "key": "at least 16 characters"}}. Removed, it is made anew.',
  });
}
