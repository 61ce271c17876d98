/** Logs in at registries: anonymous and named tokens, and basic authentication (distribution spec, token authentication). */
import Type from "typebox";
import Value from "typebox/value";
import type { Credentials, FindCredentials } from "./credentials.ts";
import { isLoopback } from "./endpoint.ts";
import type { Answered } from "./exchange.ts";

export interface Realm {
  origin: string;
  repository: string;
  /** What a token is asked for: `pull`, `pull,push`. */
  actions: string;
}

export type Login =
  | { type: "header"; value: string }
  /** There is nothing to log in with, or it was refused. `body` is what was said, where something was. */
  | { type: "refused"; status: number; body: Uint8Array }
  /** It may go next time. */
  | { type: "again"; reason: string; headers?: Headers };

export interface Authorization {
  /** What to send at once, where it was asked for before. */
  known(realm: Realm): string | undefined;
  forget(realm: Realm): void;
  /** Answers a challenge. */
  login(realm: Realm, challenge: string, get: Get): Promise<Login>;
}

/** A form is sent by POST, and to no other server. */
type Get = (url: URL, headers: Headers, form?: URLSearchParams) => Promise<Answered>;

/** A token that doesn't say how long it holds, holds this long. */
const TOKEN_MS = 60_000;
/** It is not used in the last of its time: a request takes a while. */
const MARGIN_MS = 10_000;
const TOKENS_KEPT = 1_000;
/** More of a challenge isn't read: a registry may not make this machine think for long. */
const CHALLENGE_LENGTH = 4_096;

const TokenAnswer = Type.Object({
  token: Type.Optional(Type.String()),
  access_token: Type.Optional(Type.String()),
  expires_in: Type.Optional(Type.Number()),
});

export function createAuthorization(
  credentials: Credentials | FindCredentials | undefined,
  now: () => number,
): Authorization {
  const headers = new Map<string, { value: string; until: number }>();
  const keyOf = ({ origin, repository, actions }: Realm) => `${origin}/${repository}:${actions}`;

  function keep(realm: Realm, value: string, ms: number): Login {
    if (headers.size >= TOKENS_KEPT) headers.clear();
    headers.set(keyOf(realm), { value, until: now() + ms - MARGIN_MS });
    return { type: "header", value };
  }

  async function fetchToken(realm: Realm, bearer: Challenge, own: Credentials | undefined, get: Get) {
    const url = URL.parse(bearer.realm ?? "");
    if (url === null || !isSafe(url, realm.origin)) return nothing(`it sends to ${bearer.realm} for a token`);
    if (bearer.service !== undefined) url.searchParams.set("service", bearer.service);
    const scope = bearer.scope ?? (realm.repository && `repository:${realm.repository}:${realm.actions}`);
    // A login alone is for no repository.
    if (scope) url.searchParams.set("scope", scope);
    const answer = await askToken(url, own, get);
    if (answer.type !== "answer") return nothing("its token can't be read");
    const { status, bytes } = answer;
    if (status === 429 || status >= 500) {
      return { type: "again", reason: `status ${status} from ${url.host}`, headers: answer.headers } as const;
    }
    if (status !== 200) return { type: "refused", status: 401, body: bytes } as const;
    const { token, access_token, expires_in } = tokenIn(bytes);
    const value = token ?? access_token;
    if (value === undefined) return nothing("its answer to a login has no token");
    return keep(realm, `Bearer ${value}`, expires_in === undefined ? TOKEN_MS : expires_in * 1_000);
  }

  return {
    known(realm) {
      const kept = headers.get(keyOf(realm));
      return kept !== undefined && kept.until > now() ? kept.value : undefined;
    },
    forget: (realm) => void headers.delete(keyOf(realm)),
    async login(realm, challenge, get) {
      const found = typeof credentials === "function" ? await credentials(realm.origin) : credentials;
      const own = found?.origin === realm.origin ? found : undefined;
      const { bearer, basic } = challengesIn(challenge);
      if (bearer !== undefined && own?.type === "bearer") return keep(realm, `Bearer ${own.token}`, TOKEN_MS);
      if (bearer !== undefined) return fetchToken(realm, bearer, own, get);
      if (basic !== undefined && own?.type === "basic") return keep(realm, basicOf(own), TOKEN_MS);
      return nothing("it wants a login");
    },
  };
}

/** An identity token goes into the body of a POST; a name and a password into a header. */
function askToken(url: URL, own: Credentials | undefined, get: Get): Promise<Answered> {
  if (own?.type !== "identity") {
    return get(url, new Headers(own?.type === "basic" ? { authorization: basicOf(own) } : {}));
  }
  const form = new URLSearchParams(url.searchParams);
  form.set("grant_type", "refresh_token");
  form.set("client_id", "prop");
  form.set("refresh_token", own.token);
  const bare = new URL(url);
  bare.search = "";
  return get(bare, new Headers({ "content-type": "application/x-www-form-urlencoded" }), form);
}

/** Tokens come over TLS, but from a registry that is itself on this machine or a mirror without. */
function isSafe(url: URL, origin: string): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && (origin.startsWith("http:") || isLoopback(url.hostname));
}

function basicOf({ username, password }: Credentials & { type: "basic" }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function nothing(message: string): Login {
  const body = JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message }] });
  return { type: "refused", status: 401, body: Buffer.from(body) };
}

function tokenIn(bytes: Uint8Array) {
  try {
    return Value.Parse(TokenAnswer, JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return {};
  }
}

type Challenge = Partial<Record<string, string>>;

/** What a `WWW-Authenticate` header offers, by scheme in small letters (RFC 9110, section 11.6.1). */
export function challengesIn(header: string): Partial<Record<string, Challenge>> {
  const challenges: Partial<Record<string, Challenge>> = {};
  let current: Challenge | undefined;
  for (const [, scheme, name, quoted, plain] of header.slice(0, CHALLENGE_LENGTH).matchAll(part)) {
    if (scheme !== undefined) {
      current = {};
      challenges[scheme.toLowerCase()] = current;
    } else if (current !== undefined && name !== undefined) {
      current[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "";
    }
  }
  return challenges;
}

/** Either a parameter `name="value"`, or the name of a scheme. */
const part =
  /([A-Za-z][\w-]*)(?=\s+[A-Za-z]|\s*$|\s*,)|([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g;
