/** Fetches a module from where a URL points to. */
import { sizeText } from "../engine/size-text.ts";
import { messageOf, PropError } from "../errors.ts";

export interface DownloadOptions {
  fetch: typeof fetch;
  signal: AbortSignal;
  maxBytes: number;
  timeoutMs: number;
}

/** @throws PropError `IMAGE_UNREACHABLE`, `IMAGE_TOO_LARGE` */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    const response = await options.fetch(url, { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw unreachable(url, `the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    if (Number(response.headers.get("content-length")) > options.maxBytes) {
      await response.body?.cancel();
      throw tooLarge(url, options.maxBytes);
    }
    return await collect(url, response, options.maxBytes);
  } catch (error) {
    if (error instanceof PropError) throw error;
    throw unreachable(url, reasonOf(error, options.timeoutMs), error);
  }
}

async function collect(url: string, response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw tooLarge(url, maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `it took longer than ${timeoutMs} ms`;
  // `fetch failed` says nothing; its cause does.
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function unreachable(url: string, reason: string, cause?: unknown): PropError {
  return new PropError({
    code: "IMAGE_UNREACHABLE",
    message: `cannot fetch the module from ${url}: ${reason}`,
    cause,
  });
}

function tooLarge(url: string, maxBytes: number): PropError {
  return new PropError({
    code: "IMAGE_TOO_LARGE",
    message: `the module at ${url} is larger than ${sizeText(maxBytes)}`,
  });
}
