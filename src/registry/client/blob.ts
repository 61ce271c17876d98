/** Blobs to push: from memory or from a file, read anew from any place in them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { digestOf } from "../digest.ts";

export interface Blob {
  digest: string;
  sizeBytes: number;
  /** Its bytes from `start` up to, and without, `end`. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** What is read, and sent, in one piece. */
const PIECE_BYTES = 1_048_576;

export function blobOf(bytes: Uint8Array): Blob {
  return {
    digest: digestOf(bytes),
    sizeBytes: bytes.byteLength,
    async *read(start, end) {
      for (let at = start; at < end; at += PIECE_BYTES)
        yield bytes.subarray(at, Math.min(end, at + PIECE_BYTES));
    },
  };
}

/** A file, which is read once for its digest. */
export async function blobOfFile(path: string): Promise<Blob> {
  const { size } = await stat(path);
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: PIECE_BYTES })) hash.update(part);
  return {
    digest: `sha256:${hash.digest("hex")}`,
    sizeBytes: size,
    read: (start, end) => createReadStream(path, { start, end: end - 1, highWaterMark: PIECE_BYTES }),
  };
}
