/** One HTTP exchange: redirects followed with no credentials for strangers, a body of bounded size, no long silence. */

export type Method = "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";

/** What is sent: bytes, or what gives them anew each time they are sent. */
export type Body = Uint8Array | (() => AsyncIterable<Uint8Array>);

export type TakePart = (part: Uint8Array) => Promise<void>;

export interface Exchange {
  url: URL;
  method: Method;
  headers: Headers;
  /** A stream says its length in `content-length`. */
  body?: Body;
  /** Larger bodies are cut off. */
  maxBytes: number;
  /** Takes a body as it comes, where it gives a taker for the status; else the body is kept. */
  into?: ((status: number) => TakePart | undefined) | undefined;
  /** What is sent is secret: it goes to no other server. */
  isSecret?: true;
  /** How long nothing may come. Milliseconds. */
  silenceMs: number;
  signal: AbortSignal;
  fetch: typeof fetch;
}

export type Answered =
  | { type: "answer"; status: number; headers: Headers; bytes: Uint8Array }
  | { type: "tooLarge" }
  /** It leads somewhere that isn't followed. */
  | { type: "astray"; reason: string };

const MAX_REDIRECTS = 5;
/** All of it may take this long. Milliseconds. */
const WHOLE_MS = 600_000;
const REDIRECTS = [301, 302, 303, 307, 308];

/** @throws what `fetch` throws, and a TimeoutError after a silence */
export async function exchange({ signal, silenceMs, ...asked }: Exchange): Promise<Answered> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(silent(silenceMs)), silenceMs);
  const either = AbortSignal.any([signal, silence.signal, AbortSignal.timeout(WHOLE_MS)]);
  try {
    const response = await follow(asked, either, () => timer.refresh());
    if (!("body" in response)) return response;
    timer.refresh();
    return await collect(response, asked, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

type Asked = Omit<Exchange, "signal" | "silenceMs">;

async function follow(
  { fetch, method, body, isSecret, ...first }: Asked,
  signal: AbortSignal,
  onBytes: () => void,
): Promise<Response | Answered> {
  let { url, headers } = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const sent = body === undefined ? {} : sending(body, onBytes);
    const response = await fetch(url, { method, headers, redirect: "manual", signal, ...sent });
    const location = response.headers.get("location");
    if (location === null || !REDIRECTS.includes(response.status)) return response;
    await response.body?.cancel();
    const next = URL.parse(location, url);
    if (next === null || !/^https?:$/.test(next.protocol)) {
      // The rest of an address may be secret.
      return astray(`it redirects to ${next === null ? "no address" : `the scheme ${next.protocol}`}`);
    }
    if (url.protocol === "https:" && next.protocol === "http:") {
      return astray(`it redirects from https to ${next.origin}, without TLS`);
    }
    if (next.origin !== url.origin && isSecret) return astray(`it redirects a login to ${next.origin}`);
    if (next.origin !== url.origin) {
      headers = new Headers(headers);
      headers.delete("authorization");
    }
    url = next;
  }
  return astray(`it redirects more than ${MAX_REDIRECTS} times`);
}

function sending(body: Body, onBytes: () => void): RequestInit {
  if (body instanceof Uint8Array) return { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  const watched = async function* () {
    for await (const part of body()) {
      onBytes();
      yield part;
    }
  };
  return { body: ReadableStream.from(watched()), duplex: "half" };
}

async function collect(
  response: Response,
  { maxBytes, into }: Pick<Exchange, "maxBytes" | "into">,
  onBytes: () => void,
): Promise<Answered> {
  const { status, headers } = response;
  const announced = Number(headers.get("content-length"));
  if (announced > maxBytes && response.body !== null) {
    await response.body.cancel();
    return { type: "tooLarge" };
  }
  const take = into?.(status);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    onBytes();
    length += part.byteLength;
    // Leaving the loop cancels the rest.
    if (length > maxBytes) return { type: "tooLarge" };
    if (take === undefined) parts.push(part);
    else await take(part);
  }
  return { type: "answer", status, headers, bytes: Buffer.concat(parts) };
}

function astray(reason: string): Answered {
  return { type: "astray", reason };
}

function silent(silenceMs: number): DOMException {
  return new DOMException(`nothing came for ${silenceMs / 1000} s`, "TimeoutError");
}
