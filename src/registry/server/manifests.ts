/** Manifests and tags (distribution spec 1.1, "Pulling Manifests", "Pushing Manifests", "Deleting Manifests"). */
import { createHash } from "node:crypto";
import { parseDigest } from "../store/blob-path.ts";
import { FOREVER, isNotModified } from "./blobs.ts";
import { bodyOf, type Context, type Exchange } from "./context.ts";
import { parseManifest } from "./parse-manifest.ts";
import { Refusal } from "./refusal.ts";
import { checkDigest, isTag } from "./request-path.ts";

const MANIFEST_BYTES = 4 * 1_048_576;

interface Which {
  repository: string;
  reference: string;
}

export async function answerManifest(context: Context, exchange: Exchange, which: Which) {
  switch (exchange.method) {
    case "GET":
    case "HEAD":
      return sendManifest(context, exchange, which);
    case "PUT":
      return putManifest(context, exchange, which);
    case "DELETE":
      return deleteManifest(context, exchange, which);
    default:
      return undefined;
  }
}

function sendManifest({ catalog }: Context, exchange: Exchange, { repository, reference }: Which) {
  const found = catalog.manifest.find(repository, reference);
  if (found === undefined) throw manifestUnknown(repository, reference);
  const { digest, mediaType, bytes } = found;
  const { reply, method } = exchange;
  reply.headers({
    "content-type": mediaType,
    "docker-content-digest": digest,
    // A tag may be another manifest at any time.
    "cache-control": reference.includes(":") ? FOREVER : "no-cache",
    etag: `"${digest}"`,
  });
  if (isNotModified(exchange, digest)) return reply.code(304).send();
  reply.header("content-length", bytes.byteLength);
  return method === "HEAD" ? reply.send() : reply.send(bytes);
}

async function putManifest({ catalog }: Context, exchange: Exchange, { repository, reference }: Which) {
  const { request, reply, query } = exchange;
  const isDigest = reference.includes(":");
  const tags = isDigest ? query.getAll("tag") : [reference];
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined) throw invalid(`${JSON.stringify(wrong.slice(0, 200))} is no tag`);
  if (isDigest) checkDigest(reference);
  const bytes = await readManifest(exchange);
  const digest = digestLike(isDigest ? reference : (query.get("digest") ?? ""), bytes);
  const parsed = parseManifest(bytes, request.headers["content-type"]);
  const missing = catalog.manifest.put(repository, digest, parsed.mediaType, bytes, parsed);
  if (missing !== undefined) {
    throw new Refusal({
      code: "MANIFEST_BLOB_UNKNOWN",
      message: `the manifest needs ${missing}, which ${repository} does not have`,
    });
  }
  for (const tag of tags) catalog.tag.set(repository, tag, digest);
  reply.headers({ location: `/v2/${repository}/manifests/${digest}`, "docker-content-digest": digest });
  if (parsed.subject !== undefined) reply.header("oci-subject", parsed.subject);
  if (isDigest && tags.length > 0) reply.header("oci-tag", tags);
  return reply.code(201).send();
}

function deleteManifest({ catalog }: Context, { reply }: Exchange, { repository, reference }: Which) {
  const deleted = reference.includes(":")
    ? catalog.manifest.delete(repository, reference)
    : catalog.tag.delete(repository, reference);
  if (!deleted) throw manifestUnknown(repository, reference);
  return reply.code(202).send();
}

/** The digest of the bytes, by the algorithm that the client chose. */
function digestLike(expected: string, bytes: Uint8Array): string {
  const algorithm = parseDigest(expected)?.algorithm ?? "sha256";
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
  if (expected === "" || digest === expected) return digest;
  throw new Refusal({ code: "DIGEST_INVALID", message: `what came is not ${expected}, but ${digest}` });
}

async function readManifest(exchange: Exchange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = Number(exchange.request.headers["content-length"] ?? 0);
  if (sizeBytes > MANIFEST_BYTES) throw tooLarge();
  sizeBytes = 0;
  for await (const chunk of bodyOf(exchange)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MANIFEST_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function manifestUnknown(repository: string, reference: string): Refusal {
  const message = `there is no manifest ${reference.slice(0, 200)} in ${repository}`;
  return new Refusal({ code: "MANIFEST_UNKNOWN", message });
}

function tooLarge(): Refusal {
  return new Refusal({
    code: "SIZE_INVALID",
    status: 413,
    message: `a manifest has no more than ${MANIFEST_BYTES} bytes`,
    headers: { connection: "close" },
  });
}

function invalid(message: string): Refusal {
  return new Refusal({ code: "MANIFEST_INVALID", message });
}
