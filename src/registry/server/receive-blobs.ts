/** Blobs on their way in: in one request, in two, in chunks, or from another repository (distribution spec 1.1, "Pushing Blobs"). */
import { parseDigest } from "../store/blob-path.ts";
import { bodyOf, type Context, type Exchange, fileOf } from "./context.ts";
import { blobUnknown, Refusal } from "./refusal.ts";
import { checkDigest, isRepository } from "./request-path.ts";
import { type Chunk, rangeOf } from "./uploads.ts";

/** `POST …/blobs/uploads/` */
export async function beginUpload(
  context: Context,
  exchange: Exchange,
  { repository }: { repository: string },
) {
  const { query, method } = exchange;
  if (method !== "POST") return undefined;
  const mount = query.get("mount");
  if (mount !== null && mountBlob(context, repository, checkDigest(mount), query.get("from"))) {
    return sendCreated(exchange, repository, mount);
  }
  const digest = query.get("digest");
  if (digest === null) {
    const id = await context.uploads.begin(repository);
    return sendUpload(exchange.reply.code(202), repository, id, 0);
  }
  checkDigest(digest);
  const id = await context.uploads.begin(repository);
  try {
    await context.uploads.append(repository, id, chunkOf(exchange, digest));
  } catch (error) {
    // Nobody was told its id.
    await context.uploads.cancel(repository, id);
    throw error;
  }
  return complete(context, exchange, { repository, id, digest });
}

/** `PATCH`, `PUT`, `GET` and `DELETE …/blobs/uploads/<id>` */
export async function continueUpload(
  context: Context,
  exchange: Exchange,
  { repository, id }: { repository: string; id: string },
) {
  const { reply, query, method } = exchange;
  const { uploads } = context;
  switch (method) {
    case "GET":
    case "HEAD":
      return sendUpload(reply.code(204), repository, id, await uploads.size(repository, id));
    case "DELETE":
      await uploads.cancel(repository, id);
      return reply.code(204).send();
    case "PATCH": {
      const sizeBytes = await uploads.append(repository, id, chunkOf(exchange));
      return sendUpload(reply.code(202), repository, id, sizeBytes);
    }
    case "PUT": {
      const digest = checkDigest(query.get("digest") ?? "");
      await uploads.append(repository, id, chunkOf(exchange, digest));
      return complete(context, exchange, { repository, id, digest });
    }
    default:
      return undefined;
  }
}

async function complete(
  context: Context,
  exchange: Exchange,
  { repository, id, digest }: { repository: string; id: string; digest: string },
) {
  const { uploads, blobs, catalog } = context;
  await blobs.adopt(await uploads.finish(repository, id, digest), digest);
  if (!catalog.blob.link(repository, digest, fileOf(context, digest))) throw blobUnknown(digest);
  return sendCreated(exchange, repository, digest);
}

/** Without a repository that it is from, any will do: who may read one here may read all. */
function mountBlob(context: Context, repository: string, digest: string, from: string | null): boolean {
  if (from !== null && !isRepository(from)) return false;
  if (!context.catalog.blob.isIn(digest, from ?? undefined)) return false;
  return context.catalog.blob.link(repository, digest, fileOf(context, digest));
}

function chunkOf(exchange: Exchange, digest = ""): Chunk {
  const { headers } = exchange.request;
  const algorithm = parseDigest(digest)?.algorithm;
  const range = parseContentRange(headers["content-range"]);
  const length = headers["content-length"];
  if (range !== undefined && length !== undefined && Number(length) !== range.end - range.start + 1) {
    throw new Refusal({ code: "SIZE_INVALID", message: "Content-Range and Content-Length don't agree" });
  }
  return {
    bytes: bodyOf(exchange),
    ...(range === undefined ? {} : { range }),
    ...(algorithm === undefined ? {} : { algorithm }),
  };
}

/** `0-1023`, as the spec writes it; clients that follow RFC 9110 write `bytes 0-1023/2048`. */
function parseContentRange(header: string | undefined): Chunk["range"] {
  if (header === undefined) return undefined;
  const [, start, end] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim()) ?? [];
  if (start !== undefined && end !== undefined) return { start: Number(start), end: Number(end) };
  const message = `Content-Range ${JSON.stringify(header.slice(0, 100))} is not like 0-1023`;
  throw new Refusal({ code: "BLOB_UPLOAD_INVALID", message });
}

function sendUpload(reply: Exchange["reply"], repository: string, id: string, sizeBytes: number) {
  return reply
    .headers({
      location: `/v2/${repository}/blobs/uploads/${id}`,
      range: rangeOf(sizeBytes),
      "docker-upload-uuid": id,
      "cache-control": "no-store",
    })
    .send();
}

function sendCreated({ reply }: Exchange, repository: string, digest: string) {
  return reply
    .code(201)
    .headers({ location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest })
    .send();
}
