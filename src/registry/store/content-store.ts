/** Modules on disk, each in a file named after its digest. */

import { hash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { systemCode } from "../../errors.ts";
import { digestOf } from "../digest.ts";
import { blobPath, parseDigest } from "./blob-path.ts";
import { createBlobStore } from "./blob-store.ts";

export interface ContentStore {
  /** Keeps the bytes, on disk when it resolves. @returns their digest @throws PropError `DISK_FULL` */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of a digest, checked; undefined where they are not there, or no longer what the digest says. */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Whether there is a file for a digest; only `get` checks what is in it. */
  has(digest: string): Promise<boolean>;
}

/**
 * Creates a store in the folder `dir`, which appears with the first module. Processes may share a folder: a file
 * is there as a whole or not at all.
 */
export function createContentStore(dir: string): ContentStore {
  const blobs = createBlobStore(dir);

  async function get(digest: string): Promise<Uint8Array | undefined> {
    const algorithm = parseDigest(digest)?.algorithm;
    const path = blobPath(dir, digest);
    if (algorithm === undefined || path === undefined) return undefined;
    const bytes = await readIfThere(path);
    return bytes !== undefined && `${algorithm}:${hash(algorithm, bytes)}` === digest ? bytes : undefined;
  }

  return {
    get,
    async put(bytes) {
      const digest = digestOf(bytes);
      if ((await get(digest)) === undefined) await blobs.write(once(bytes), digest);
      return digest;
    },
    async has(digest) {
      const path = blobPath(dir, digest);
      if (path === undefined) return false;
      return access(path).then(
        () => true,
        () => false,
      );
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
