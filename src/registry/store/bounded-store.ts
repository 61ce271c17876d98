/** A content store of bounded size: what was used longest ago goes first. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { type ContentStore, createContentStore } from "./content-store.ts";

/** Opens the store in `dir`, which nobody else writes to. Modules that are there from before count, oldest first. */
export async function openBoundedStore(dir: string, maxBytes: number): Promise<ContentStore> {
  const store = createContentStore(dir);
  /** Sizes by digest, in the order of their last use. */
  const sizes = new Map(await readSizes(join(dir, "sha256")));
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0);

  function use(digest: string, size: number): void {
    total += size - (sizes.get(digest) ?? 0);
    sizes.delete(digest);
    sizes.set(digest, size);
  }

  async function evict(): Promise<void> {
    for (const [digest, size] of sizes) {
      // The one that was used last stays, however large.
      if (total <= maxBytes || sizes.size === 1) return;
      sizes.delete(digest);
      total -= size;
      await rm(join(dir, "sha256", digest.slice("sha256:".length)), { force: true });
    }
  }

  return {
    has: store.has,
    async get(digest) {
      const bytes = await store.get(digest);
      if (bytes !== undefined) use(digest, bytes.byteLength);
      return bytes;
    },
    async put(bytes) {
      const digest = await store.put(bytes);
      use(digest, bytes.byteLength);
      await evict();
      return digest;
    },
  };
}

async function readSizes(folder: string): Promise<[digest: string, bytes: number][]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const files: { name: string; size: number; mtimeMs: number }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    // What was being written when its process ended.
    if (!/^[0-9a-f]{64}$/.test(name)) await rm(path, { force: true });
    else files.push({ name, ...(await sizeOf(path)) });
  }
  files.sort((a, b) => a.mtimeMs - b.mtimeMs);
  return files.map(({ name, size }) => [`sha256:${name}`, size]);
}

async function sizeOf(path: string): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { size, mtimeMs };
}
