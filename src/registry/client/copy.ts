/** Copies images between repositories, byte for byte: an index with all it lists, and what refers to it where that is wanted. */
import Type from "typebox";
import { Compile } from "typebox/compile";
import { PropError } from "../../errors.ts";
import { digestLike } from "../digest.ts";
import { MANIFEST_TYPES } from "../manifest.ts";
import { formatReference, type Reference } from "../reference.ts";
import type { BlobStore } from "../store/blob-store.ts";
import type { Blob } from "./blob.ts";
import { downloadBlob } from "./download.ts";
import { endpointOf } from "./endpoint.ts";
import type { RegistryClient } from "./open-client.ts";
import { pushArtifact } from "./push.ts";
import { addToReferrersTag } from "./referrer.ts";
import { listReferrers } from "./referrer-list.ts";

export interface CopyOptions extends RegistryClient {
  /** Where blobs lie on their way, and stay. */
  store: BlobStore;
  partialsDir: string;
  /** Signatures and the like go along. */
  withReferrers: boolean;
  signal: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface CopiedImage {
  digest: string;
  /** All manifests that were written. */
  manifests: number;
  sentBytes: number;
}

const MANIFEST_BYTES = 4 * 1_048_576;
/** An index may list another; whoever nests deeper means no good. */
const MOST_DEPTH = 4;

const Descriptor = Type.Object({
  mediaType: Type.String(),
  digest: Type.String({ pattern: "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$" }),
  size: Type.Integer({ minimum: 0 }),
  urls: Type.Optional(Type.Array(Type.String())),
});
const validator = Compile(
  Type.Object({
    config: Type.Optional(Descriptor),
    layers: Type.Optional(Type.Array(Descriptor)),
    manifests: Type.Optional(Type.Array(Descriptor)),
  }),
);

/** @throws PropError `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `DIGEST_MISMATCH`, and those of `AskRegistry` and `pushArtifact` */
export async function copyImage(from: Reference, to: Reference, options: CopyOptions): Promise<CopiedImage> {
  const copied = { manifests: 0, sentBytes: 0 };
  const which = from.digest ?? from.tag ?? "latest";
  const { digest } = await copyManifest({ from, to, options, copied }, which, to.tag ?? to.digest, 0);
  return { digest, ...copied };
}

interface Copying {
  from: Reference;
  to: Reference;
  options: CopyOptions;
  copied: { manifests: number; sentBytes: number };
}

/** What a manifest names is there before the manifest itself, and its referrers come after it. */
async function copyManifest(
  copying: Copying,
  which: string,
  as: string | undefined,
  depth: number,
): Promise<{ digest: string; listsReferrers: boolean }> {
  const { from, to, options, copied } = copying;
  const { manifest, mediaType, digest } = await readManifest(copying, which);
  const parts = contentsOf(manifest);
  if (parts === undefined || depth > MOST_DEPTH) {
    throw new PropError({
      code: "IMAGE_INVALID",
      message: `image ${formatReference(from)}: its manifest ${digest} is none that can be copied`,
    });
  }
  for (const child of parts.manifests ?? []) {
    await copyManifest(copying, child.digest, child.digest, depth + 1);
  }
  const { registry, repository } = to;
  const isTag = as !== undefined && !as.includes(":");
  const target = isTag ? { registry, repository, tag: as } : { registry, repository, digest };
  const named = [...(parts.config === undefined ? [] : [parts.config]), ...(parts.layers ?? [])];
  const blobs = named.filter(({ urls = [] }) => urls.length === 0).map((blob) => blobToCopy(copying, blob));
  const mount = from.registry === registry && from.repository !== repository;
  const pushed = await pushArtifact(
    target,
    { mediaType, manifest, blobs, ...(mount ? { mountFrom: from.repository } : {}) },
    options,
  );
  copied.manifests++;
  copied.sentBytes += pushed.sentBytes;
  if (options.withReferrers) await copyReferrers(copying, digest, depth);
  return { digest, listsReferrers: pushed.listsReferrers };
}

async function copyReferrers(copying: Copying, subject: string, depth: number): Promise<void> {
  const { from, to, options } = copying;
  for (const referrer of await listReferrers(from, subject, options)) {
    const { listsReferrers } = await copyManifest(copying, referrer.digest, referrer.digest, depth + 1);
    if (!listsReferrers) await addToReferrersTag(to, subject, referrer, options);
  }
}

function contentsOf(manifest: Uint8Array) {
  try {
    const value: unknown = JSON.parse(Buffer.from(manifest).toString());
    return validator.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readManifest({ from, options }: Copying, which: string) {
  const { ask, mirrors, signal } = options;
  const image = formatReference(from);
  const { headers, bytes } = await ask({
    endpoint: endpointOf(from.registry, mirrors),
    repository: from.repository,
    image,
    signal,
    path: `manifests/${which}`,
    accept: MANIFEST_TYPES,
    maxBytes: MANIFEST_BYTES,
  });
  const actual = digestLike(bytes, which);
  if (which.includes(":") && actual !== which) {
    throw new PropError({
      code: "DIGEST_MISMATCH",
      message: `image ${image}: what came as manifest ${which} is ${actual}`,
    });
  }
  const mediaType = headers.get("content-type") ?? "application/vnd.oci.image.manifest.v1+json";
  return { manifest: bytes, mediaType, digest: actual };
}

/** It is fetched only where the target neither has nor mounts it. */
function blobToCopy({ from, options }: Copying, { digest, size }: { digest: string; size: number }): Blob {
  return {
    digest,
    sizeBytes: size,
    async *read(start, end) {
      await downloadBlob(from, { digest, size }, options);
      yield* options.store.read(digest, { start, end: end - 1 });
    },
  };
}
