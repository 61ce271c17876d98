/** Asks a registry for one thing, with all that may stand in between: a login, redirects, an overload, a broken transfer. */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, PropError } from "../../errors.ts";
import { type Authorization, createAuthorization } from "./authorization.ts";
import type { Credentials, FindCredentials } from "./credentials.ts";
import { type Endpoint, endpointText } from "./endpoint.ts";
import { type Answered, type Body, type Exchange, exchange, type Method } from "./exchange.ts";
import { refused, unreachable } from "./refusal.ts";

export interface RegistryRequest {
  endpoint: Endpoint;
  repository: string;
  /** Under `/v2/{repository}/`; or an address the registry gave, for an upload. */
  path: string | URL;
  method?: Method;
  accept?: string;
  /** What is sent. */
  body?: Body;
  headers?: Record<string, string>;
  /** The statuses that are no refusal; 200 by default. */
  expected?: readonly number[];
  /** Tried only once: what is sent may have arrived though the answer did not. */
  once?: boolean;
  maxBytes: number;
  /** Takes the body as it comes, as in `Exchange`; with `once` alone, or it could come twice. */
  into?: Exchange["into"];
  /** Of whom messages speak. */
  image: string;
  signal: AbortSignal;
}

export interface RegistryAnswer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

/**
 * @throws PropError `REGISTRY_UNREACHABLE` after its tries; `IMAGE_NOT_FOUND`, `REGISTRY_UNAUTHORIZED`,
 *   `REGISTRY_REFUSED`, `IMAGE_TOO_LARGE` at once; the signal's reason
 */
export type AskRegistry = (request: RegistryRequest) => Promise<RegistryAnswer>;

export interface AskRegistryOptions {
  credentials?: Credentials | FindCredentials;
  fetch?: typeof fetch;
  /** How long nothing may come. Milliseconds; 10,000 by default. */
  silenceMs?: number;
  /** How often it is asked before it counts as unreachable; 3 by default. */
  tries?: number;
  /** The first pause between two tries, doubled with each. Milliseconds; 250 by default. */
  pauseMs?: number;
  now?: () => number;
}

/** The longest pause that a registry may ask for with Retry-After. Milliseconds. */
const MAX_PAUSE_MS = 30_000;
const SMALL_BYTES = 65_536;

type Outcome = { type: "done"; answer: RegistryAnswer } | { type: "again"; reason: string; pauseMs?: number };

export function createAskRegistry(options: AskRegistryOptions = {}): AskRegistry {
  const { credentials, silenceMs = 10_000, tries = 3, pauseMs = 250, now = Date.now } = options;
  const authorization = createAuthorization(credentials, now);
  const send = { silenceMs, fetch: options.fetch ?? fetch };

  return async (request) => {
    const server = endpointText(request.endpoint);
    for (let tried = 1; ; tried++) {
      const outcome = await once(request, { authorization, send, now }).catch((error: unknown): Outcome => {
        if (error instanceof PropError || request.signal.aborted) throw error;
        return { type: "again", reason: causeOf(error) };
      });
      if (outcome.type === "done") return outcome.answer;
      if (tried >= tries || request.once) throw unreachable(request.image, server, outcome.reason);
      const pause = outcome.pauseMs ?? pauseMs * 2 ** (tried - 1) * (0.5 + Math.random() / 2);
      await delay(Math.min(pause, MAX_PAUSE_MS), undefined, { signal: request.signal });
    }
  };
}

interface Parts {
  authorization: Authorization;
  send: Pick<Exchange, "silenceMs" | "fetch">;
  now: () => number;
}

async function once(request: RegistryRequest, parts: Parts): Promise<Outcome> {
  const { authorization, now } = parts;
  const { endpoint, repository, method = "GET" } = request;
  const actions = method === "GET" || method === "HEAD" ? "pull" : "pull,push";
  const realm = { origin: endpoint.origin, repository, actions };
  const first = await ask(request, parts, authorization.known(realm));
  if (first.type !== "answer" || first.status !== 401) return judge(request, first, now);
  authorization.forget(realm);
  const challenge = first.headers.get("www-authenticate") ?? "";
  const get = (url: URL, headers: Headers, form?: URLSearchParams) =>
    exchange({
      url,
      headers,
      ...(form === undefined
        ? { method: "GET" as const }
        : { method: "POST" as const, body: Buffer.from(form.toString()), isSecret: true as const }),
      maxBytes: SMALL_BYTES,
      signal: request.signal,
      ...parts.send,
    });
  const login = await authorization.login(realm, challenge, get);
  if (login.type === "again") {
    return { type: "again", reason: login.reason, ...askedPause(login.headers, now()) };
  }
  if (login.type === "header") return judge(request, await ask(request, parts, login.value), now);
  // What the registry itself said is worth more than that nobody could log in.
  const body = first.bytes.byteLength === 0 ? login.body : first.bytes;
  throw refusal(request, login.status, body);
}

function ask(request: RegistryRequest, { send }: Parts, authorization: string | undefined) {
  const { endpoint, repository, path, method = "GET", accept, body, maxBytes, into, signal } = request;
  const headers = new Headers({ "accept-encoding": "identity", "user-agent": "prop", ...request.headers });
  const url = typeof path === "string" ? new URL(`/v2/${repository}/${path}`, endpoint.origin) : path;
  if (accept !== undefined) headers.set("accept", accept);
  // A registry may have uploads sent elsewhere, but not its login.
  if (authorization !== undefined && url.origin === endpoint.origin)
    headers.set("authorization", authorization);
  const sent = body === undefined ? {} : { body };
  return exchange({ url, method, headers, maxBytes, into, signal, ...sent, ...send });
}

function judge(request: RegistryRequest, answered: Answered, now: () => number): Outcome {
  const { image, maxBytes, endpoint } = request;
  if (answered.type === "tooLarge") {
    throw new PropError({
      code: "IMAGE_TOO_LARGE",
      message: `image ${image}: larger than ${maxBytes} bytes`,
    });
  }
  if (answered.type === "astray") {
    throw new PropError({
      code: "REGISTRY_REFUSED",
      message: `image ${image}: the registry ${endpointText(endpoint)} is not followed: ${answered.reason}`,
    });
  }
  const { status, headers, bytes } = answered;
  if ((request.expected ?? [200]).includes(status))
    return { type: "done", answer: { status, headers, bytes } };
  if (status === 408 || status === 429 || status >= 500) {
    return { type: "again", reason: `it answers status ${status}`, ...askedPause(headers, now()) };
  }
  throw refusal(request, status, bytes);
}

function refusal({ image, endpoint }: RegistryRequest, status: number, body: Uint8Array): PropError {
  return refused({ image, server: endpointText(endpoint), status, body });
}

/** `Retry-After`, in seconds or as a date. */
function askedPause(headers: Headers | undefined, now: number): { pauseMs?: number } {
  const text = headers?.get("retry-after");
  if (!text) return {};
  const seconds = Number(text);
  const pauseMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - now;
  return Number.isFinite(pauseMs) ? { pauseMs: Math.max(0, pauseMs) } : {};
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error) || error.cause === undefined) return messageOf(error);
  const cause = messageOf(error.cause);
  return cause === "" ? messageOf(error) : cause;
}
