/** Pulls the module of an image into a file: through the store on disk, which another pull goes on from. */
import { createHash, randomUUID } from "node:crypto";
import { constants, copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { PropError, systemCode } from "../../errors.ts";
import { digestOf } from "../digest.ts";
import type { Reference } from "../reference.ts";
import { blobPath } from "../store/blob-path.ts";
import { type BlobStore, diskFull, isDiskFull } from "../store/blob-store.ts";
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
    // What came just now was checked as it came.
    if (receivedBytes === 0) await checkKept(store, layer.digest);
    const path = blobPath(storeDir, layer.digest) ?? "";
    await writeWhole(file, (temporary) => copyFile(path, temporary, constants.COPYFILE_FICLONE));
    const sizeBytes = layer.size;
    return { ...known, digest: layer.digest, sizeBytes };
  }
  const packed = await readFile(blobPath(storeDir, layer.digest) ?? "");
  const unpacked = await unpackModule(packed, maxUnpackedBytes);
  if (!unpacked.ok) {
    const message = `image ${image}: its layer ${layer.digest} ${unpacked.reason}`;
    throw new PropError({ code: "IMAGE_INVALID", message });
  }
  const digest = digestOf(unpacked.module);
  await writeWhole(file, (temporary) => writeFile(temporary, unpacked.module, { flag: "wx" }));
  return { ...known, digest, sizeBytes: unpacked.module.byteLength };
}

async function isModule(head: AsyncIterable<Uint8Array>): Promise<boolean> {
  const parts: Uint8Array[] = [];
  for await (const part of head) parts.push(part);
  return Buffer.concat(parts).equals(Buffer.from("\0asm"));
}

/** The disk may have damaged it since it came. */
async function checkKept(store: BlobStore, digest: string): Promise<void> {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  const hash = createHash(algorithm);
  for await (const part of store.read(digest)) hash.update(part);
  const actual = `${algorithm}:${hash.digest("hex")}`;
  if (actual === digest) return;
  await store.remove(digest);
  throw new PropError({
    code: "DIGEST_MISMATCH",
    message: `what this machine kept as ${digest} is not it any more, but ${actual}`,
    hint: "It was removed. Pull again.",
  });
}

async function writeWhole(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    await write(temporary);
    await rename(temporary, file);
  } catch (error) {
    throw isDiskFull(error) ? diskFull(file, error) : notWritable(file, error);
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
