/** Uploads under way, each a file that grows: the next process goes on where a killed one ended. */
import { createHash, type Hash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Algorithm, parseDigest } from "../store/blob-path.ts";
import { digestOfFile } from "../store/blob-store.ts";
import { Refusal } from "./refusal.ts";

export interface Uploads {
  /** Begins one. @returns its id */
  begin(repository: string): Promise<string>;
  /** How many bytes came. @throws Refusal `BLOB_UPLOAD_UNKNOWN` */
  size(repository: string, id: string): Promise<number>;
  /**
   * Appends what comes. Whoever appended to it before has lost its connection, whether that is known yet or not, and ends.
   * @returns how many bytes came in all
   * @throws Refusal `BLOB_UPLOAD_UNKNOWN`, `BLOB_UPLOAD_INVALID` with status 416 where a chunk is not the next one
   */
  append(repository: string, id: string, chunk: Chunk): Promise<number>;
  /** The file, when its bytes are what `digest` says; removed when they are not. @throws Refusal `DIGEST_INVALID` */
  finish(repository: string, id: string, digest: string): Promise<string>;
  /** @throws Refusal `BLOB_UPLOAD_UNKNOWN` */
  cancel(repository: string, id: string): Promise<void>;
  /** Removes those that nobody wrote to since. @returns how many */
  removeStale(beforeMs: number): Promise<number>;
}

export interface Chunk {
  bytes: Readable;
  /** Where it belongs, where the client says; the end is inclusive. */
  range?: { start: number; end: number };
  /** Of the digest that the client will give. SHA-256 by default; another one costs a second look at the file. */
  algorithm?: Algorithm;
}

interface Running {
  hash: Hash;
  algorithm: Algorithm;
  sizeBytes: number;
}

export function createUploads(dir: string): Uploads {
  /** Hashes of what came in this process, as far as all of it did. */
  const hashes = new Map<string, Running>();
  const appending = new Map<string, { end: AbortController; ended: Promise<unknown> }>();

  /** An upload belongs to the repository that it was begun in. */
  function pathOf(repository: string, id: string): string {
    return join(dir, `${id}.${createHash("sha256").update(repository).digest("hex").slice(0, 16)}`);
  }

  async function size(repository: string, id: string): Promise<number> {
    const found = await stat(pathOf(repository, id)).catch(() => undefined);
    if (found === undefined)
      throw new Refusal({ code: "BLOB_UPLOAD_UNKNOWN", message: "there is no such upload" });
    return found.size;
  }

  async function write(repository: string, id: string, chunk: Chunk, signal: AbortSignal): Promise<number> {
    const before = await size(repository, id);
    if (chunk.range !== undefined && chunk.range.start !== before) throw outOfOrder(before);
    const running = runningHash(hashes.get(id), before, chunk.algorithm ?? "sha256");
    // Where it breaks off, more is in the file than is known here.
    hashes.delete(id);
    let sizeBytes = before;
    const counted = async function* (source: AsyncIterable<Uint8Array>) {
      for await (const bytes of source) {
        running?.hash.update(bytes);
        sizeBytes += bytes.byteLength;
        yield bytes;
      }
    };
    const file = createWriteStream(pathOf(repository, id), { flags: "a" });
    await pipeline(chunk.bytes, counted, file, { signal });
    if (running !== undefined) hashes.set(id, { ...running, sizeBytes });
    return sizeBytes;
  }

  async function settle(id: string): Promise<void> {
    const before = appending.get(id);
    before?.end.abort(new Error("another request goes on with this upload"));
    await before?.ended;
  }

  async function cancel(repository: string, id: string): Promise<void> {
    await settle(id);
    await size(repository, id);
    hashes.delete(id);
    await rm(pathOf(repository, id), { force: true });
  }

  return {
    size,
    cancel,
    async begin(repository) {
      await mkdir(dir, { recursive: true });
      const id = randomUUID();
      await (await open(pathOf(repository, id), "wx")).close();
      return id;
    },
    async append(repository, id, chunk) {
      await settle(id);
      const end = new AbortController();
      const appended = write(repository, id, chunk, end.signal);
      const entry = { end, ended: appended.catch(() => undefined) };
      appending.set(id, entry);
      try {
        return await appended;
      } finally {
        if (appending.get(id) === entry) appending.delete(id);
      }
    },
    async finish(repository, id, digest) {
      await settle(id);
      const algorithm = parseDigest(digest)?.algorithm ?? "sha256";
      const sizeBytes = await size(repository, id);
      const running = hashes.get(id);
      hashes.delete(id);
      const isKnown = running?.algorithm === algorithm && running.sizeBytes === sizeBytes;
      const path = pathOf(repository, id);
      const actual = isKnown
        ? `${algorithm}:${running.hash.digest("hex")}`
        : await digestOfFile(path, algorithm);
      if (actual === digest) return path;
      await cancel(repository, id);
      throw new Refusal({ code: "DIGEST_INVALID", message: `what came is not ${digest}, but ${actual}` });
    },
    async removeStale(beforeMs) {
      let removed = 0;
      for (const name of await readdir(dir).catch(() => [])) {
        const id = name.split(".")[0] ?? "";
        const found = await stat(join(dir, name)).catch(() => undefined);
        if (found === undefined || found.mtimeMs >= beforeMs || appending.has(id)) continue;
        hashes.delete(id);
        await rm(join(dir, name), { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

function runningHash(
  known: Running | undefined,
  sizeBytes: number,
  algorithm: Algorithm,
): Running | undefined {
  if (sizeBytes === 0) return { hash: createHash(algorithm), algorithm, sizeBytes };
  return known?.sizeBytes === sizeBytes ? known : undefined;
}

function outOfOrder(sizeBytes: number): Refusal {
  return new Refusal({
    code: "BLOB_UPLOAD_INVALID",
    status: 416,
    message: `the next chunk starts at ${sizeBytes}`,
    headers: { range: rangeOf(sizeBytes) },
  });
}

/** What came, as the Range header of an answer. The spec has no way to say "nothing". */
export function rangeOf(sizeBytes: number): string {
  return `0-${Math.max(0, sizeBytes - 1)}`;
}
