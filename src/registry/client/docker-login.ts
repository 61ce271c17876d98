/** Writes and removes logins in docker's configuration, where every client of registries on the machine finds them. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../../errors.ts";
import { eraseWithHelper, storeWithHelper } from "./credential-helper.ts";
import { helperFor, isKeyOf, loginKey, readDockerConfig } from "./docker-config.ts";

export interface SavedLogin {
  username: string;
  password: string;
}

/**
 * With the helper that the file names, else in the file, whose other content stays as it is.
 * @returns where it is now. @throws PropError `CONFIG_INVALID`, `CREDENTIAL_HELPER_FAILED`
 */
export async function saveLogin(path: string, origin: string, login: SavedLogin): Promise<string> {
  const { username, password } = login;
  const helper = helperFor(await readDockerConfig(path), origin);
  if (helper !== undefined) {
    await storeWithHelper(helper, loginKey(origin), { username, secret: password });
    return `docker-credential-${helper}`;
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  await changeAuths(path, (auths) => ({ ...without(auths, origin), [loginKey(origin)]: { auth } }));
  return path;
}

/** @returns whether there was one, in the file. @throws PropError as `saveLogin` */
export async function removeLogin(path: string, origin: string): Promise<boolean> {
  const config = await readDockerConfig(path);
  const helper = helperFor(config, origin);
  if (helper !== undefined) await eraseWithHelper(helper, loginKey(origin));
  const isThere = Object.keys(config.auths ?? {}).some((key) => isKeyOf(key, origin));
  if (isThere) await changeAuths(path, (auths) => without(auths, origin));
  return isThere || helper !== undefined;
}

type Auths = Record<string, unknown>;

function without(auths: Auths, origin: string): Auths {
  return Object.fromEntries(Object.entries(auths).filter(([key]) => !isKeyOf(key, origin)));
}

/** The file is replaced as a whole: another program never reads half of it. */
async function changeAuths(path: string, change: (auths: Auths) => Auths): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const config = await readObject(target);
  const auths = config.auths !== null && typeof config.auths === "object" ? { ...config.auths } : {};
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.${randomUUID()}`;
  try {
    const text = JSON.stringify({ ...config, auths: change(auths) }, undefined, "\t");
    await writeFile(temporary, `${text}\n`, { mode: 0o600, flush: true });
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return value !== null && typeof value === "object" ? { ...value } : {};
  } catch (error) {
    if (systemCode(error) === "ENOENT") return {};
    throw error;
  }
}
