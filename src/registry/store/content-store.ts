/** Modules on disk, each in a file named after its digest. */
import { randomUUID } from "node:crypto";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { digestOf } from "../digest.ts";

export interface ContentStore {
  /** Keeps the bytes, on disk when it resolves. @returns their digest */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of a digest, checked; undefined where they are not there, or no longer what the digest says. */
  get(digest: string): Promise<Uint8Array | undefined>;
  /** Whether there is a file for a digest; only `get` checks what is in it. */
  has(digest: string): Promise<boolean>;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Creates a store in the folder `dir`, which appears with the first module. Processes may share a folder: a file
 * is there as a whole or not at all.
 */
export function createContentStore(dir: string): ContentStore {
  const folder = join(dir, "sha256");

  /** Nothing but a digest becomes a path. */
  function pathOf(digest: string): string | undefined {
    return digestPattern.test(digest) ? join(folder, digest.slice("sha256:".length)) : undefined;
  }

  async function get(digest: string): Promise<Uint8Array | undefined> {
    const path = pathOf(digest);
    const bytes = path === undefined ? undefined : await readIfThere(path);
    return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
  }

  return {
    get,
    async put(bytes) {
      const digest = digestOf(bytes);
      if ((await get(digest)) !== undefined) return digest;
      const path = join(folder, digest.slice("sha256:".length));
      const temporary = `${path}.${randomUUID()}`;
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(temporary, bytes, { flush: true });
        await rename(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
      return digest;
    },
    async has(digest) {
      const path = pathOf(digest);
      if (path === undefined) return false;
      return access(path).then(
        () => true,
        () => false,
      );
    },
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
