/** Logins where docker, podman and skopeo keep them: in their configuration files, or with the helpers that those name. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { messageOf, PropError, systemCode } from "../../errors.ts";
import { askHelper } from "./credential-helper.ts";
import type { Credentials, FindCredentials } from "./credentials.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const Login = Type.Object({
  auth: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  identitytoken: Type.Optional(Type.String()),
  registrytoken: Type.Optional(Type.String()),
});
const DockerConfig = Type.Object({
  auths: Type.Optional(Type.Record(Type.String(), Login)),
  credsStore: Type.Optional(Type.String()),
  credHelpers: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type DockerConfig = Static<typeof DockerConfig>;
type Login = Static<typeof Login>;
const validator = Compile(DockerConfig);

const HUB_ORIGIN = "https://registry-1.docker.io";
/** Docker Hub's login has kept the name of an address that is long gone. */
const HUB_KEY = "https://index.docker.io/v1/";
const HUB_HOSTS = ["index.docker.io", "docker.io", "registry-1.docker.io"];

/**
 * Looks up logins in `$REGISTRY_AUTH_FILE`, docker's file, and those of podman and skopeo, in this order; the first that
 * has one for the host counts. Read anew each time: a login may come while something runs.
 * @throws PropError `CONFIG_INVALID`, `CREDENTIAL_HELPER_FAILED` (of the function it returns)
 */
export function dockerLogins(env: Environment): FindCredentials {
  return async (origin) => {
    for (const path of configPaths(env)) {
      const found = await loginIn(await readDockerConfig(path), origin);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`: where logins are written. */
export function dockerConfigPath(env: Environment): string {
  return join(env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker"), "config.json");
}

/** What the login of a registry is called in these files. */
export function loginKey(origin: string): string {
  return origin === HUB_ORIGIN ? HUB_KEY : new URL(origin).host;
}

/** Whether an entry, which may be written as an address, is that of the server at `origin`. */
export function isKeyOf(key: string, origin: string): boolean {
  const host = key.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "");
  if (origin === HUB_ORIGIN) return HUB_HOSTS.includes(host);
  const { host: own, port, protocol } = new URL(origin);
  return host === own || (port === "" && host === `${own}:${protocol === "https:" ? 443 : 80}`);
}

/** @returns what the file says, all of it; nothing where there is no file. @throws PropError `CONFIG_INVALID` */
export async function readDockerConfig(path: string): Promise<DockerConfig> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return {};
    throw invalid(path, error instanceof SyntaxError ? "it is not JSON" : messageOf(error));
  }
  if (validator.Check(value)) return value;
  throw invalid(path, "its auths, credsStore or credHelpers are not what docker writes");
}

/** The helper that keeps the login of a server, if one does. */
export function helperFor(
  { credHelpers = {}, credsStore }: DockerConfig,
  origin: string,
): string | undefined {
  const [, own] = Object.entries(credHelpers).find(([key]) => isKeyOf(key, origin)) ?? [];
  return own || credsStore || undefined;
}

function configPaths(env: Environment): string[] {
  const { REGISTRY_AUTH_FILE: own, XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: config } = env;
  return [
    ...(own ? [own] : []),
    dockerConfigPath(env),
    ...(runtime ? [join(runtime, "containers", "auth.json")] : []),
    join(config || join(env.HOME || homedir(), ".config"), "containers", "auth.json"),
  ];
}

async function loginIn(config: DockerConfig, origin: string): Promise<Credentials | undefined> {
  const helper = helperFor(config, origin);
  const kept = helper === undefined ? undefined : await askHelper(helper, loginKey(origin));
  if (kept !== undefined) {
    const { username, secret } = kept;
    if (username === "<token>") return { origin, type: "identity", token: secret };
    return { origin, type: "basic", username, password: secret };
  }
  const [, login] = Object.entries(config.auths ?? {}).find(([key]) => isKeyOf(key, origin)) ?? [];
  return login && credentialsOf(login, origin);
}

function credentialsOf(login: Login, origin: string): Credentials | undefined {
  const { auth, identitytoken, registrytoken } = login;
  if (registrytoken) return { origin, type: "bearer", token: registrytoken };
  if (identitytoken) return { origin, type: "identity", token: identitytoken };
  const text = auth === undefined ? "" : Buffer.from(auth, "base64").toString();
  const cut = text.indexOf(":");
  const username = cut > 0 ? text.slice(0, cut) : login.username;
  const password = cut > 0 ? text.slice(cut + 1) : login.password;
  return username && password ? { origin, type: "basic", username, password } : undefined;
}

function invalid(path: string, reason: string): PropError {
  return new PropError({ code: "CONFIG_INVALID", message: `${path}: ${reason}`, exitCode: 2 });
}
