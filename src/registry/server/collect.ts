/** Removes what nobody needs: blobs without a manifest, files without a repository, uploads that were given up. */
import { type Context, fileOf } from "./context.ts";

export interface Collected {
  blobs: number;
  sizeBytes: number;
  uploads: number;
}

/**
 * What somebody looked at or wrote since `beforeMs`, in milliseconds since 1970, stays: a push that is under way has its
 * blobs before its manifest.
 */
export async function collectGarbage(context: Context, beforeMs: number): Promise<Collected> {
  const { catalog, blobs, uploads } = context;
  catalog.blob.unlinkUnused(beforeMs);
  const collected = { blobs: 0, sizeBytes: 0, uploads: await uploads.removeStale(beforeMs) };
  for await (const { digest, sizeBytes, usedAtMs } of blobs.list()) {
    if (usedAtMs >= beforeMs || !catalog.blob.removeFile(digest, fileOf(context, digest))) continue;
    collected.blobs += 1;
    collected.sizeBytes += sizeBytes;
  }
  return collected;
}
