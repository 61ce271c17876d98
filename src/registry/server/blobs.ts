/** Blobs: whole, in part, and no more (distribution spec 1.1, "Pulling Blobs", "Deleting Blobs"). */
import type { Context, Exchange } from "./context.ts";
import { blobUnknown, Refusal } from "./refusal.ts";

/** What a digest names never changes. */
export const FOREVER = "max-age=31536000, immutable";

export async function answerBlob(
  context: Context,
  exchange: Exchange,
  { repository, digest }: { repository: string; digest: string },
) {
  const { reply, method } = exchange;
  if (method === "DELETE") {
    if (!context.catalog.blob.unlink(repository, digest)) throw blobUnknown(digest);
    return reply.code(202).send();
  }
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (!context.catalog.blob.has(repository, digest)) throw blobUnknown(digest);
  const found = await context.blobs.find(digest);
  if (found === undefined) throw blobUnknown(digest);
  context.catalog.blob.touch(repository, digest);
  reply.headers({
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    "cache-control": FOREVER,
    etag: `"${digest}"`,
  });
  return sendBlob(context, exchange, digest, found.sizeBytes);
}

function sendBlob({ blobs }: Context, exchange: Exchange, digest: string, sizeBytes: number) {
  const { request, reply, method } = exchange;
  if (isNotModified(exchange, digest)) return reply.code(304).send();
  const range = parseRange(request.headers.range, sizeBytes);
  if (range === "unsatisfiable") {
    throw new Refusal({
      code: "SIZE_INVALID",
      status: 416,
      message: `the blob has ${sizeBytes} bytes`,
      headers: { "content-range": `bytes */${sizeBytes}` },
    });
  }
  if (range !== undefined) {
    reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${sizeBytes}`);
  }
  const length = range === undefined ? sizeBytes : range.end - range.start + 1;
  reply.header("content-length", length);
  if (method === "HEAD" || length === 0) return reply.send();
  return reply.send(blobs.read(digest, range));
}

/** Whether a client has already what a digest names. */
export function isNotModified({ request }: Exchange, digest: string): boolean {
  const tags = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags?.some((tag) => tag === "*" || tag === `"${digest}"`) === true;
}

/** One range of bytes (RFC 9110, section 14); undefined where all is wanted, as with more than one range. */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}
