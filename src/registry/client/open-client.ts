/** Asks registries as the environment and the mirrors of whoever starts it say. */
import { credentialsFrom } from "./credentials.ts";
import { dockerLogins } from "./docker-config.ts";
import { type Mirrors, parseMirrors } from "./endpoint.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { type AskRegistry, createAskRegistry } from "./request.ts";

export interface RegistryClient {
  ask: AskRegistry;
  mirrors: Mirrors;
}

/**
 * @param mirrors `registry.example.com=http://127.0.0.1:5000`
 * @param env for the login of a registry
 * @param allowed where references are written by others than who starts it: hosts inside that are asked all the same,
 *   besides the mirrors and the registry of the login; without it, every host is asked
 * @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID`
 */
export function openRegistryClient(
  mirrors: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  allowed?: readonly string[],
): RegistryClient {
  const credentials = credentialsFrom(env);
  const parsed = parseMirrors(mirrors);
  const named = [...parsed.values(), ...(credentials === undefined ? [] : [new URL(credentials.origin)])];
  const ask = createAskRegistry({
    ...(credentials === undefined ? {} : { credentials }),
    ...(allowed === undefined
      ? {}
      : { fetch: guardedFetch({ allowed: [...allowed, ...named.map(hostAndPort)] }) }),
  });
  return { ask, mirrors: parsed };
}

/**
 * As `openRegistryClient`, for the user at the terminal: with the logins of docker and podman, where the environment has none.
 * @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID`
 */
export function openUserClient(
  mirrors: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RegistryClient {
  const own = credentialsFrom(env);
  const kept = dockerLogins(env);
  const credentials = async (origin: string) => (own?.origin === origin ? own : kept(origin));
  return { ask: createAskRegistry({ credentials }), mirrors: parseMirrors(mirrors) };
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
