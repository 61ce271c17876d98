/** The login for one registry, from the variables that a proxy of existing installations reads. */
import { PropError } from "../../errors.ts";
import { endpointOf, isLoopback } from "./endpoint.ts";

/** Good for one origin, and sent to no other but where that one says that tokens are given out. */
export type Credentials = { origin: string } & (
  | { type: "basic"; username: string; password: string }
  | { type: "bearer"; token: string }
  /** Tokens are given out for it (OAuth 2, refresh token). */
  | { type: "identity"; token: string }
);

/** Looks up the login for an origin. */
export type FindCredentials = (origin: string) => Promise<Credentials | undefined>;

/**
 * What `PROXY_REGISTRY_URL` with `PROXY_REGISTRY_USERNAME` and `_PASSWORD`, or with `PROXY_REGISTRY_TOKEN`, say (wire
 * contract, section 4); undefined where no login is set, or `PROXY_AUTHENTICATE` is `false`.
 * @throws PropError `CONFIG_INVALID` where it isn't said which registry the login is for
 */
export function credentialsFrom(env: Readonly<Record<string, string | undefined>>): Credentials | undefined {
  const { PROXY_REGISTRY_USERNAME: username, PROXY_REGISTRY_PASSWORD: password } = env;
  const { PROXY_REGISTRY_TOKEN: token, PROXY_REGISTRY_URL: url, PROXY_AUTHENTICATE: wanted } = env;
  if (wanted === "false" || wanted === "0") return undefined;
  if (!(username && password) && !token) return undefined;
  const origin = originOf(url);
  if (username && password) return { origin, type: "basic", username, password };
  return token ? { origin, type: "bearer", token } : undefined;
}

function originOf(url: string | undefined): string {
  if (!url) {
    throw new PropError({
      code: "CONFIG_INVALID",
      message: "a login for a registry is set, but PROXY_REGISTRY_URL doesn't say for which",
      hint: "Set PROXY_REGISTRY_URL to its host, like registry.example.com",
      exitCode: 2,
    });
  }
  const hasScheme = /^https?:\/\//.test(url);
  const parsed = URL.parse(hasScheme ? url : `https://${url}`);
  if (parsed === null) {
    throw new PropError({
      code: "CONFIG_INVALID",
      message: `PROXY_REGISTRY_URL is no host: ${url}`,
      exitCode: 2,
    });
  }
  const isSaid = hasScheme && (parsed.protocol === "http:" || isLoopback(parsed.hostname));
  return isSaid ? parsed.origin : endpointOf(parsed.host, new Map()).origin;
}
