/** A content store of bounded size: what was used longest ago goes first. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ALGORITHMS, isHexOf } from "./blob-path.ts";
import { type BlobStore, createBlobStore, type StoredBlob } from "./blob-store.ts";
import { type ContentStore, createContentStore } from "./content-store.ts";

/** What another process is writing is younger than this. */
const ABANDONED_MS = 86_400_000;

/**
 * Opens the store in `dir`. Processes may share it: what each of them used is on the files, and whoever finds too much
 * looks at all that is there.
 */
export async function openBoundedStore(dir: string, maxBytes: number): Promise<ContentStore> {
  const store = createContentStore(dir);
  const blobs = createBlobStore(dir);
  await removeAbandoned(dir, Date.now() - ABANDONED_MS);
  /** At least what this process knows of: others may have written since. */
  let knownBytes = (await byUse(blobs)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

  return {
    has: store.has,
    async get(digest) {
      const bytes = await store.get(digest);
      if (bytes !== undefined) await blobs.touch(digest);
      return bytes;
    },
    async put(bytes) {
      const digest = await store.put(bytes);
      await blobs.touch(digest);
      knownBytes += bytes.byteLength;
      if (knownBytes > maxBytes) knownBytes = await shrink(blobs, { maxBytes, kept: digest });
      return digest;
    },
  };
}

/** Removes what was used longest ago. @returns how many bytes are left */
async function shrink(blobs: BlobStore, { maxBytes, kept }: { maxBytes: number; kept: string }) {
  const all = await byUse(blobs);
  let bytes = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const { digest, sizeBytes } of all) {
    // The one that was just put stays, however large.
    if (bytes <= maxBytes) break;
    if (digest === kept) continue;
    await blobs.remove(digest);
    bytes -= sizeBytes;
  }
  return bytes;
}

async function byUse(blobs: BlobStore): Promise<StoredBlob[]> {
  const all: StoredBlob[] = [];
  for await (const blob of blobs.list()) all.push(blob);
  return all.sort((a, b) => a.usedAtMs - b.usedAtMs);
}

/** What was being written when its process ended. */
async function removeAbandoned(dir: string, beforeMs: number): Promise<void> {
  for (const algorithm of ALGORITHMS) {
    const folder = join(dir, algorithm);
    for (const name of await readdir(folder).catch(() => [])) {
      if (isHexOf(algorithm, name)) continue;
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < beforeMs) await rm(join(folder, name), { force: true });
    }
  }
}
