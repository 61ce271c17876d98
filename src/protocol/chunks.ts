/** An image cut into chunks, and put together again from chunks in any order, repeated or lost. */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { Chunk } from "./messages/image.ts";

/** Bytes of module in a chunk, as the legacy proxy cuts it. */
export const CHUNK_BYTES = 512_000;

export interface SplitOptions {
  appName: string;
  digest?: string;
  chunkBytes?: number;
  /** Indexes the receiver has already. */
  have?: readonly number[];
}

/** The chunks of an image that the receiver still wants, in order, made one at a time. */
export function* splitImage(image: Uint8Array, options: SplitOptions): Generator<Chunk> {
  const { appName, digest, chunkBytes = CHUNK_BYTES, have = [] } = options;
  const total = Math.max(1, Math.ceil(image.byteLength / chunkBytes));
  const skip = new Set(have);
  for (let index = 0; index < total; index++) {
    if (skip.has(index)) continue;
    const data = encodeBase64(image.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    yield {
      app_name: appName,
      chunk_idx: index,
      total_chunks: total,
      data,
      ...(digest === undefined ? {} : { digest }),
    };
  }
}

export type ChunkState =
  | { state: "partial"; have: number[]; total: number }
  | { state: "complete"; image: Uint8Array }
  | { state: "refused"; reason: string };

export interface Assembly {
  add(chunk: Chunk): ChunkState;
  /** Indexes that have arrived. */
  have(): number[];
}

/** Collects the chunks of one image of at most `maxBytes`. */
export function assembleImage(maxBytes: number): Assembly {
  const parts = new Map<number, Uint8Array>();
  let total: number | undefined;
  let bytes = 0;

  return {
    have: () => [...parts.keys()],
    add(chunk) {
      total ??= chunk.total_chunks;
      if (chunk.total_chunks !== total) {
        return refuse(
          `${chunk.app_name}: chunks disagree on their number, ${total} and ${chunk.total_chunks}`,
        );
      }
      if (chunk.chunk_idx >= total) {
        return refuse(`${chunk.app_name}: chunk ${chunk.chunk_idx} of ${total} doesn't exist`);
      }
      if (!parts.has(chunk.chunk_idx)) {
        const data = decodeBase64(chunk.data);
        if (data === undefined) return refuse(`${chunk.app_name}: chunk ${chunk.chunk_idx} is not base64`);
        bytes += data.byteLength;
        if (bytes > maxBytes) return refuse(`${chunk.app_name}: larger than ${maxBytes} bytes`);
        parts.set(chunk.chunk_idx, data);
      }
      if (parts.size < total) return { state: "partial", have: [...parts.keys()], total };
      return { state: "complete", image: join(parts, total, bytes) };
    },
  };
}

function refuse(reason: string): ChunkState {
  return { state: "refused", reason };
}

function join(parts: Map<number, Uint8Array>, total: number, bytes: number): Uint8Array {
  const image = new Uint8Array(bytes);
  let offset = 0;
  for (let index = 0; index < total; index++) {
    const part = parts.get(index);
    if (part === undefined) continue;
    image.set(part, offset);
    offset += part.byteLength;
  }
  return image;
}
