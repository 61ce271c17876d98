/** Brings a blob from a registry to the disk, as a stream; on from where it broke, in this process or one before it. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, PropError } from "../../errors.ts";
import { formatReference, type Reference } from "../reference.ts";
import { type BlobStore, diskFull, isDiskFull } from "../store/blob-store.ts";
import { claimPartial, releasePartial } from "../store/partial-file.ts";
import { endpointOf, endpointText } from "./endpoint.ts";
import type { RegistryClient } from "./open-client.ts";
import { UNREACHABLE } from "./refusal.ts";

export interface DownloadOptions extends RegistryClient {
  store: BlobStore;
  /** On the disk of the store. */
  partialsDir: string;
  signal: AbortSignal;
  onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** The first pause after a broken connection, doubled with each. Milliseconds; 250 by default. */
  pauseMs?: number;
}

/** A connection may break so often without a byte more. */
const MOST_BREAKS = 5;
/** What is written at once. */
const GATHERED_BYTES = 512 * 1_024;

/**
 * When it resolves, the store has the blob.
 * @returns how many bytes came. @throws PropError `DIGEST_MISMATCH`, `DISK_FULL`, and those of `AskRegistry`
 */
export async function downloadBlob(
  from: Pick<Reference, "registry" | "repository">,
  { digest, size }: { digest: string; size: number },
  options: DownloadOptions,
): Promise<number> {
  const { store, partialsDir } = options;
  if ((await store.find(digest)) !== undefined) {
    await store.touch(digest);
    return 0;
  }
  const { path, sizeBytes } = await claimPartial(partialsDir, digest);
  const hash = createHash(digest.startsWith("sha512:") ? "sha512" : "sha256");
  const file = await open(path, "a");
  const part: Part = { file, path, hash, at: 0, gathered: [], gatheredBytes: 0, writing: Promise.resolve() };
  try {
    await takeUp(part, sizeBytes, size);
    const had = part.at;
    await fetchRest(from, { digest, size }, part, options).finally(() => flush(part));
    await checkWhole(from, digest, part, options);
    await store.adopt(path, digest);
    return part.at - had;
  } catch (error) {
    if (error instanceof PropError && error.code === "DISK_FULL") await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
    await releasePartial(path);
  }
}

interface Part {
  file: FileHandle;
  path: string;
  hash: Hash;
  /** How much of the blob came, and is in the hash. */
  at: number;
  /** What came and is not being written yet. */
  gathered: Uint8Array[];
  gatheredBytes: number;
  writing: Promise<void>;
}

/** What an earlier transfer left counts as if it came now. */
async function takeUp(part: Part, sizeBytes: number, size: number): Promise<void> {
  if (sizeBytes > size) return part.file.truncate(0);
  if (sizeBytes > 0) {
    for await (const piece of createReadStream(part.path, { end: sizeBytes - 1 })) part.hash.update(piece);
  }
  part.at = sizeBytes;
}

async function fetchRest(
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  { digest, size }: { digest: string; size: number },
  part: Part,
  { ask, mirrors, signal, onProgress, pauseMs = 250 }: DownloadOptions,
): Promise<void> {
  const endpoint = endpointOf(registry, mirrors);
  const image = formatReference({ registry, repository, digest });
  for (let breaks = 0; part.at < size; ) {
    const before = part.at;
    const begin = (status: number) => {
      // A registry that doesn't do ranges sends all of it: what is there already is passed over.
      let skip = status === 200 ? before : 0;
      return async (bytes: Uint8Array) => {
        const fresh = bytes.subarray(Math.min(skip, bytes.byteLength));
        skip -= bytes.byteLength - fresh.byteLength;
        await append(part, fresh);
        onProgress?.(part.at, size);
      };
    };
    try {
      await ask({
        endpoint,
        repository,
        image,
        signal,
        path: `blobs/${digest}`,
        headers: before === 0 ? {} : { range: `bytes=${before}-` },
        expected: before === 0 ? [200] : [200, 206],
        into: (status) => (status === 200 || status === 206 ? begin(status) : undefined),
        once: true,
        maxBytes: size,
      });
      if (part.at < size) throw short(image, endpointText(endpoint), part.at, size);
    } catch (error) {
      const mayGo = error instanceof PropError && error.code === UNREACHABLE;
      if (part.at > before) breaks = 0;
      if (!mayGo || ++breaks > MOST_BREAKS) throw error;
      await delay(pauseMs * 2 ** (breaks - 1), undefined, { signal });
    }
  }
}

/** Gathers small pieces; while some are written, the next ones come and are hashed. */
async function append(part: Part, bytes: Uint8Array): Promise<void> {
  part.hash.update(bytes);
  part.at += bytes.byteLength;
  part.gathered.push(bytes);
  part.gatheredBytes += bytes.byteLength;
  if (part.gatheredBytes < GATHERED_BYTES) return;
  await part.writing;
  const pieces = part.gathered;
  part.gathered = [];
  part.gatheredBytes = 0;
  part.writing = write(part, pieces);
  // Who awaits it next is told.
  part.writing.catch(() => undefined);
}

async function flush(part: Part): Promise<void> {
  await part.writing;
  const pieces = part.gathered;
  part.gathered = [];
  part.gatheredBytes = 0;
  if (pieces.length > 0) await write(part, pieces);
}

async function write({ file, path }: Part, pieces: Uint8Array[]): Promise<void> {
  try {
    await file.writeFile(Buffer.concat(pieces));
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(dirname(path), error);
    // Asking the registry again would not help.
    const message = `${path} can't be written: ${messageOf(error)}`;
    throw new PropError({ code: "FILE_NOT_WRITABLE", message, cause: error });
  }
}

/** Bytes that are wrong are not kept: the next one begins anew. */
async function checkWhole(
  { registry }: Pick<Reference, "registry">,
  digest: string,
  { hash, path }: Part,
  { mirrors }: DownloadOptions,
): Promise<void> {
  const actual = `${digest.slice(0, digest.indexOf(":"))}:${hash.digest("hex")}`;
  if (actual === digest) return;
  await rm(path, { force: true });
  throw new PropError({
    code: "DIGEST_MISMATCH",
    message: `what the registry ${endpointText(endpointOf(registry, mirrors))} gave as layer ${digest} is not it, but ${actual}`,
  });
}

function short(image: string, server: string, at: number, size: number): PropError {
  return new PropError({
    code: UNREACHABLE,
    message: `image ${image}: the registry ${server} ended after ${at} of ${size} bytes`,
  });
}
