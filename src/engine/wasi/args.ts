/** WASI preview 1: `args_*` and `environ_*`. */
import type { WasiContext, WasiFunctions } from "./context.ts";

const encoder = new TextEncoder();

function encode(list: string[]): Uint8Array[] {
  return list.map((text) => encoder.encode(`${text}\0`));
}

function writeSizes({ memory }: WasiContext, list: string[], countAt: number, sizeAt: number): number {
  memory.writeU32(countAt, list.length);
  memory.writeU32(
    sizeAt,
    encode(list).reduce((sum, bytes) => sum + bytes.length, 0),
  );
  return 0;
}

function writeList({ memory }: WasiContext, list: string[], pointersAt: number, bytesAt: number): number {
  let address = bytesAt >>> 0;
  for (const [index, bytes] of encode(list).entries()) {
    memory.writeU32((pointersAt >>> 0) + index * 4, address);
    memory.writeBytes(address, bytes);
    address += bytes.length;
  }
  return 0;
}

export function argsFunctions(context: WasiContext): WasiFunctions {
  return {
    args_sizes_get: (count: number, size: number) => writeSizes(context, context.args, count, size),
    args_get: (pointers: number, bytes: number) => writeList(context, context.args, pointers, bytes),
    environ_sizes_get: (count: number, size: number) => writeSizes(context, context.env, count, size),
    environ_get: (pointers: number, bytes: number) => writeList(context, context.env, pointers, bytes),
  };
}
