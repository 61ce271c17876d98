/** The cache of this user: what it has, and what of it goes first. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { blobPath } from "./blob-path.ts";
import { createBlobStore, type StoredBlob } from "./blob-store.ts";
import { removeStalePartials } from "./partial-file.ts";

export type CachedKind = "module" | "component" | "json" | "gzip" | "blob";

export interface CachedBlob extends StoredBlob {
  kind: CachedKind;
}

/** Blobs are removed where one of these says so. */
export interface PruneRule {
  /** Whatever was used last before this, in milliseconds since 1970. */
  beforeMs?: number;
  /** What was used longest ago, until the rest is no larger. */
  maxBytes?: number;
}

/** Of the blobs in a cache's folder. */
export function cachedBlobsDir(cacheDir: string): string {
  return join(cacheDir, "blobs");
}

/** Of what came of blobs before their transfers broke. */
export function cachedPartialsDir(cacheDir: string): string {
  return join(cacheDir, "partial");
}

/** All blobs of a cache, what was used last first. */
export async function listCache(cacheDir: string): Promise<CachedBlob[]> {
  const dir = cachedBlobsDir(cacheDir);
  const found: CachedBlob[] = [];
  for await (const blob of createBlobStore(dir).list()) {
    found.push({ ...blob, kind: await kindOf(blobPath(dir, blob.digest) ?? dir) });
  }
  return found.sort((a, b) => b.usedAtMs - a.usedAtMs);
}

/** What a rule removes of `blobs`, what was used longest ago first. */
export function choosePruned<T extends StoredBlob>(
  blobs: readonly T[],
  { beforeMs, maxBytes }: PruneRule,
): T[] {
  let keptBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return blobs
    .toSorted((a, b) => a.usedAtMs - b.usedAtMs)
    .filter(({ usedAtMs, sizeBytes }) => {
      const isOld = beforeMs !== undefined && usedAtMs < beforeMs;
      const isTooMuch = maxBytes !== undefined && keptBytes > maxBytes;
      if (isOld || isTooMuch) keptBytes -= sizeBytes;
      return isOld || isTooMuch;
    });
}

/** Removes blobs, and parts of blobs that nobody wants any more. Whoever reads one of them reads on. @returns bytes */
export async function removeCached(
  cacheDir: string,
  blobs: readonly StoredBlob[],
  { partialsBeforeMs }: { partialsBeforeMs: number },
): Promise<number> {
  const store = createBlobStore(cachedBlobsDir(cacheDir));
  for (const { digest } of blobs) await store.remove(digest);
  const removedBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return removedBytes + (await removeStalePartials(cachedPartialsDir(cacheDir), partialsBeforeMs));
}

/** From its first bytes. */
async function kindOf(path: string): Promise<CachedKind> {
  const head = Buffer.alloc(8);
  try {
    const file = await open(path);
    await file.read(head, 0, head.byteLength, 0).finally(() => file.close());
  } catch (error) {
    // Another process may have removed it meanwhile.
    if (systemCode(error) === "ENOENT") return "blob";
    throw error;
  }
  const hex = head.toString("hex");
  if (hex === "0061736d01000000") return "module";
  if (hex.startsWith("0061736d")) return "component";
  if (hex.startsWith("1f8b")) return "gzip";
  return head[0] === 0x7b ? "json" : "blob";
}
