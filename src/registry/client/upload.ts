/** Uploads a blob: not at all where it is there, mounted where it is next door, else in one or more chunks, on from where it broke. */
import { setTimeout as delay } from "node:timers/promises";
import { PropError } from "../../errors.ts";
import type { Blob } from "./blob.ts";
import { type Endpoint, endpointText } from "./endpoint.ts";
import { UNREACHABLE } from "./refusal.ts";
import type { AskRegistry, RegistryAnswer } from "./request.ts";

export interface UploadTarget {
  ask: AskRegistry;
  endpoint: Endpoint;
  repository: string;
  /** Of whom messages speak. */
  image: string;
  signal: AbortSignal;
}

export interface UploadOptions {
  /** Another repository of the same registry that has the blob. */
  mountFrom?: string;
  /** Of this blob, so far. */
  onProgress?: (sentBytes: number) => void;
  /** How much goes in one request; 64 MiB by default. */
  chunkBytes?: number;
  /** The first pause after a broken connection, doubled with each. Milliseconds; 250 by default. */
  pauseMs?: number;
}

export type Uploaded = "there" | "mounted" | "sent";

const CHUNK_BYTES = 64 * 1_048_576;
/** A connection may break so often without a byte more at the registry. */
const MOST_BREAKS = 5;
const ANSWER_BYTES = 65_536;

/** @throws PropError those of `AskRegistry`, `UPLOAD_REFUSED` */
export async function uploadBlob(
  target: UploadTarget,
  blob: Blob,
  options: UploadOptions = {},
): Promise<Uploaded> {
  if (await isThere(target, blob.digest)) return "there";
  const query =
    options.mountFrom === undefined
      ? ""
      : `?mount=${blob.digest}&from=${encodeURIComponent(options.mountFrom)}`;
  const begun = await ask(target, { method: "POST", path: `blobs/uploads/${query}`, expected: [201, 202] });
  if (begun.status === 201) return "mounted";
  await send(target, blob, { ...options, session: locationIn(begun, target) });
  return "sent";
}

async function isThere(target: UploadTarget, digest: string): Promise<boolean> {
  const { status } = await ask(target, { method: "HEAD", path: `blobs/${digest}`, expected: [200, 404] });
  return status === 200;
}

async function send(
  target: UploadTarget,
  blob: Blob,
  { session: first, onProgress, chunkBytes = CHUNK_BYTES, pauseMs = 250 }: UploadOptions & { session: URL },
): Promise<void> {
  let session = first;
  let sent = 0;
  for (let breaks = 0; ; ) {
    try {
      while (blob.sizeBytes - sent > chunkBytes) {
        const answer = await sendChunk(target, session, {
          blob,
          start: sent,
          end: sent + chunkBytes,
          onProgress,
        });
        session = locationIn(answer, target);
        sent = Math.max(sent, nextByte(answer) ?? sent + chunkBytes);
        breaks = 0;
      }
      return await finish(target, session, { blob, start: sent, onProgress });
    } catch (error) {
      const mayGo = error instanceof PropError && (error.code === UNREACHABLE || error.code === "RANGE");
      if (!mayGo || ++breaks > MOST_BREAKS) throw error;
      await delay(pauseMs * 2 ** (breaks - 1), undefined, { signal: target.signal });
      // It may have come whole, with only the answer lost.
      if (await isThere(target, blob.digest)) return;
      const status = await ask(target, { method: "GET", path: session, expected: [204, 404] });
      const known = status.status === 404 ? undefined : nextByte(status);
      if (known === undefined) session = await begin(target);
      else session = locationIn(status, target);
      if ((known ?? 0) > sent) breaks = 0;
      sent = known ?? 0;
    }
  }
}

interface Part {
  blob: Blob;
  start: number;
  onProgress: ((sentBytes: number) => void) | undefined;
}

function sendChunk(
  target: UploadTarget,
  session: URL,
  part: Part & { end: number },
): Promise<RegistryAnswer> {
  const { start, end } = part;
  return ask(target, {
    method: "PATCH",
    path: session,
    expected: [202],
    headers: { ...lengthOf(start, end), "content-range": `${start}-${end - 1}` },
    body: bodyOf(part, end),
  });
}

/** What is left goes with the request that ends the upload: the whole of it, for most blobs. */
async function finish(target: UploadTarget, session: URL, part: Part): Promise<void> {
  const { blob, start } = part;
  const { sizeBytes, digest } = blob;
  const url = new URL(session);
  url.searchParams.set("digest", digest);
  const range = start === 0 ? {} : { "content-range": `${start}-${sizeBytes - 1}` };
  const rest = sizeBytes > start ? { body: bodyOf(part, sizeBytes) } : {};
  const headers = { ...lengthOf(start, sizeBytes), ...(sizeBytes > start ? range : {}) };
  await ask(target, { method: "PUT", path: url, expected: [201, 204], headers, ...rest });
}

function bodyOf({ blob, start, onProgress }: Part, end: number) {
  return async function* () {
    let at = start;
    for await (const piece of blob.read(start, end)) {
      yield piece;
      at += piece.byteLength;
      onProgress?.(at);
    }
  };
}

function lengthOf(start: number, end: number): Record<string, string> {
  return { "content-type": "application/octet-stream", "content-length": String(end - start) };
}

async function begin(target: UploadTarget): Promise<URL> {
  return locationIn(await ask(target, { method: "POST", path: "blobs/uploads/", expected: [202] }), target);
}

async function ask(
  target: UploadTarget,
  what: Omit<Parameters<AskRegistry>[0], keyof UploadTarget | "maxBytes">,
) {
  const { ask, ...where } = target;
  const once = what.method === "PATCH" || what.method === "PUT";
  const expected = [...(what.expected ?? []), 416];
  const answer = await ask({ ...where, ...what, expected, once, maxBytes: ANSWER_BYTES });
  if (answer.status !== 416) return answer;
  throw new PropError({
    code: "RANGE",
    message: `image ${where.image}: the registry has another part of the upload`,
  });
}

/** Where the upload goes on, as each answer says anew. */
function locationIn({ headers }: RegistryAnswer, { endpoint, image }: UploadTarget): URL {
  const location = URL.parse(headers.get("location") ?? "", endpoint.origin);
  if (location === null || (location.protocol !== "https:" && !endpoint.origin.startsWith("http:"))) {
    throw new PropError({
      code: "UPLOAD_REFUSED",
      message: `image ${image}: the registry ${endpointText(endpoint)} doesn't say where an upload goes`,
    });
  }
  return location;
}

/** `Range: 0-99` says that 100 bytes are there; some registries say `bytes=0-99`, and `0-0` of none or of one. */
function nextByte({ headers }: RegistryAnswer): number | undefined {
  const [, last] = /(?:bytes=)?0-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
  if (last === undefined) return undefined;
  return last === "0" ? 0 : Number(last) + 1;
}
