/** Pulls the module of an image into a file: through the store on disk, which another pull goes on from. */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { PropError, systemCode } from "../../errors.ts";
import { digestOf } from "../digest.ts";
import type { Reference } from "../reference.ts";
import { blobPath } from "../store/blob-path.ts";
import { diskFull } from "../store/blob-store.ts";
import { type DownloadOptions, downloadBlob } from "./download.ts";
import { findModuleLayer } from "./pull.ts";
import { unpackModule } from "./unpack.ts";

export interface PullFileOptions extends DownloadOptions {
  /** Of the folder of `store`. */
  storeDir: string;
  /** Of a module in a layer that has to be unpacked, which is done in memory. */
  maxUnpackedBytes: number;
}

export interface PulledFile {
  image: string;
  /** Of the module. */
  digest: string;
  sizeBytes: number;
  manifestDigest: string;
  /** What came from the registry. */
  receivedBytes: number;
}

/**
 * The file appears whole or not at all.
 * @throws PropError those of `findModuleLayer` and `downloadBlob`; `IMAGE_INVALID`, `DISK_FULL`, `DIGEST_MISMATCH`
 */
export async function pullToFile(
  reference: Reference,
  file: string,
  options: PullFileOptions,
): Promise<PulledFile> {
  const { layer, manifestDigest, image } = await findModuleLayer(reference, options);
  const receivedBytes = await downloadBlob(reference, layer, options);
  const { store, storeDir, maxUnpackedBytes } = options;
  const known = { image, manifestDigest, receivedBytes };
  if (await isModule(store.read(layer.digest, { start: 0, end: 3 }))) {
    const sizeBytes = await writeChecked(store.read(layer.digest), file, layer.digest).catch(
      async (error: unknown) => {
        if (error instanceof PropError && error.code === "DIGEST_MISMATCH") await store.remove(layer.digest);
        throw error;
      },
    );
    return { ...known, digest: layer.digest, sizeBytes };
  }
  const packed = await readFile(blobPath(storeDir, layer.digest) ?? "");
  const unpacked = await unpackModule(packed, maxUnpackedBytes);
  if (!unpacked.ok) {
    const message = `image ${image}: its layer ${layer.digest} ${unpacked.reason}`;
    throw new PropError({ code: "IMAGE_INVALID", message });
  }
  const digest = digestOf(unpacked.module);
  const sizeBytes = await writeChecked([unpacked.module], file, digest);
  return { ...known, digest, sizeBytes };
}

async function isModule(head: AsyncIterable<Uint8Array>): Promise<boolean> {
  const parts: Uint8Array[] = [];
  for await (const part of head) parts.push(part);
  return Buffer.concat(parts).equals(Buffer.from("\0asm"));
}

/** The store may have been damaged since: its bytes are checked once more on their way. */
async function writeChecked(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file: string,
  digest: string,
): Promise<number> {
  const temporary = `${file}.${randomUUID()}.part`;
  const hash = createHash(digest.startsWith("sha512:") ? "sha512" : "sha256");
  let sizeBytes = 0;
  const checked = async function* () {
    for await (const part of bytes) {
      hash.update(part);
      sizeBytes += part.byteLength;
      yield part;
    }
    const actual = `${digest.slice(0, digest.indexOf(":"))}:${hash.digest("hex")}`;
    if (actual === digest) return;
    throw new PropError({
      code: "DIGEST_MISMATCH",
      message: `what this machine kept as ${digest} is not it any more, but ${actual}`,
      hint: "It was removed. Pull again.",
    });
  };
  try {
    await pipeline(checked(), createWriteStream(temporary, { flags: "wx", flush: true }));
    await rename(temporary, file);
    return sizeBytes;
  } catch (error) {
    throw systemCode(error) === "ENOSPC" ? diskFull(file, error) : notWritable(file, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

function notWritable(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (error instanceof PropError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  return new PropError({
    code: "FILE_NOT_WRITABLE",
    message: `${file} can't be written: ${code}`,
    cause: error,
  });
}
