/** Blobs of any size on disk, each in a file named after its digest, read and written as streams. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PropError, systemCode } from "../../errors.ts";
import { ALGORITHMS, type Algorithm, blobPath, isHexOf, parseDigest } from "./blob-path.ts";

export interface StoredBlob {
  digest: string;
  sizeBytes: number;
  /** When it was written or `touch`ed last, in milliseconds since 1970. */
  usedAtMs: number;
}

export interface BlobStore {
  find(digest: string): Promise<StoredBlob | undefined>;
  /** Its bytes, or those from `start` to `end`, both inclusive. The file must be there. */
  read(digest: string, range?: { start: number; end: number }): Readable;
  /**
   * Writes a blob as it comes; it is there as a whole or not at all.
   * @param expected its digest, SHA-256 or SHA-512; without one it gets its SHA-256
   * @throws PropError `DIGEST_MISMATCH`, `DISK_FULL`
   */
  write(bytes: AsyncIterable<Uint8Array>, expected?: string): Promise<StoredBlob>;
  /** Makes a file beside the store, whose digest was checked, the blob's: on disk when it resolves. */
  adopt(path: string, digest: string): Promise<void>;
  /** Marks it as used now. */
  touch(digest: string): Promise<void>;
  remove(digest: string): Promise<void>;
  /** All there are, in no order. */
  list(): AsyncGenerator<StoredBlob>;
}

const READ_BYTES = 256 * 1_024;

/** Opens the store in the folder `dir`, which appears with the first blob. Processes may share it. */
export function createBlobStore(dir: string): BlobStore {
  async function adopt(path: string, digest: string): Promise<void> {
    const target = pathOf(dir, digest);
    await sync(path);
    await mkdir(dirname(target), { recursive: true });
    await rename(path, target);
  }

  return {
    adopt,
    async find(digest) {
      const path = blobPath(dir, digest);
      const found = path === undefined ? undefined : await statIfThere(path);
      return found && { digest, sizeBytes: found.size, usedAtMs: found.mtimeMs };
    },
    read: (digest, range) => createReadStream(pathOf(dir, digest), { highWaterMark: READ_BYTES, ...range }),
    async write(bytes, expected) {
      const algorithm = expected === undefined ? "sha256" : (parseDigest(expected)?.algorithm ?? "sha256");
      // A name that is no digest: whoever lists the store passes over it.
      const temporary = join(dir, algorithm, `${randomUUID()}.part`);
      await mkdir(dirname(temporary), { recursive: true });
      try {
        const { digest, sizeBytes } = await writeHashed(bytes, temporary, algorithm);
        if (expected !== undefined && digest !== expected) throw mismatch(expected, digest);
        await adopt(temporary, digest);
        return { digest, sizeBytes, usedAtMs: Date.now() };
      } catch (error) {
        throw isDiskFull(error) ? diskFull(dir, error) : error;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async touch(digest) {
      // A clock finer than milliseconds: what is used next is younger.
      const now = (performance.timeOrigin + performance.now()) / 1_000;
      await utimes(pathOf(dir, digest), now, now).catch(ignoreMissing);
    },
    remove: (digest) => rm(pathOf(dir, digest), { force: true }),
    async *list() {
      for (const algorithm of ALGORITHMS) yield* listOf(dir, algorithm);
    },
  };
}

/** The digest of a file's bytes, read as a stream. */
export async function digestOfFile(path: string, algorithm: Algorithm): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  return `${algorithm}:${hash.digest("hex")}`;
}

/** Whether a write failed for want of room: of the disk, a quota, or what a process may write. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(systemCode(error) ?? "");
}

/** An error that says that a disk is full. */
export function diskFull(dir: string, cause: unknown): PropError {
  return new PropError({
    code: "DISK_FULL",
    message: `the disk that holds ${dir} is full`,
    hint: "Free some room, with prop cache prune for example, and try again.",
    cause,
  });
}

async function writeHashed(bytes: AsyncIterable<Uint8Array>, path: string, algorithm: Algorithm) {
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  const hashed = async function* () {
    for await (const chunk of bytes) {
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      yield chunk;
    }
  };
  await pipeline(hashed(), createWriteStream(path, { flags: "wx" }));
  return { digest: `${algorithm}:${hash.digest("hex")}`, sizeBytes };
}

async function* listOf(dir: string, algorithm: Algorithm): AsyncGenerator<StoredBlob> {
  const folder = join(dir, algorithm);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    if (!isHexOf(algorithm, name)) continue;
    const found = await statIfThere(join(folder, name));
    if (found === undefined) continue;
    yield { digest: `${algorithm}:${name}`, sizeBytes: found.size, usedAtMs: found.mtimeMs };
  }
}

/** Without it a power cut could leave a name without its bytes. */
async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function pathOf(dir: string, digest: string): string {
  const path = blobPath(dir, digest);
  if (path === undefined) throw new TypeError(`not a digest: ${JSON.stringify(digest)}`);
  return path;
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") throw error;
}

function mismatch(expected: string, actual: string): PropError {
  return new PropError({
    code: "DIGEST_MISMATCH",
    message: `what came is not ${expected}, but ${actual}`,
  });
}
