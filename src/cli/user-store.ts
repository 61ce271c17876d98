/** Where commands keep what they bring from registries: the cache of this user, which `prop cache` shows. */
import { cacheDir, type Environment } from "../config/user-dirs.ts";
import { type BlobStore, createBlobStore } from "../registry/store/blob-store.ts";
import { cachedBlobsDir, cachedPartialsDir } from "../registry/store/cache.ts";

export function userStore(env: Environment): { store: BlobStore; storeDir: string; partialsDir: string } {
  const dir = cacheDir(env);
  const storeDir = cachedBlobsDir(dir);
  return { store: createBlobStore(storeDir), storeDir, partialsDir: cachedPartialsDir(dir) };
}
