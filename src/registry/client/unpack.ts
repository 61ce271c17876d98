/** From a layer to the module in it: as it stands, compressed, or the one file of its kind in an archive. */
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { systemCode } from "../../errors.ts";

export type Unpacked = { ok: true; module: Uint8Array } | { ok: false; reason: string };

const unpackers = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };
const BLOCK = 512;

/** Reads what the bytes are, whatever their media type says. Nothing it holds is ever larger than `maxBytes`. */
export async function unpackModule(layer: Uint8Array, maxBytes: number): Promise<Unpacked> {
  const form = compressionOf(layer);
  if (form === undefined) return unpackPlain(layer);
  try {
    return unpackPlain(await unpackers[form](layer, { maxOutputLength: maxBytes }));
  } catch (error) {
    const isTooLarge = systemCode(error) === "ERR_BUFFER_TOO_LARGE";
    return {
      ok: false,
      reason: isTooLarge ? `unpacks to more than ${maxBytes} bytes` : `is damaged ${form}`,
    };
  }
}

function compressionOf(layer: Uint8Array): "gzip" | "zstd" | undefined {
  const head = Buffer.from(layer.subarray(0, 4)).toString("hex");
  if (head.startsWith("1f8b")) return "gzip";
  return head === "28b52ffd" ? "zstd" : undefined;
}

function unpackPlain(bytes: Uint8Array): Unpacked {
  if (isModule(bytes)) return { ok: true, module: bytes };
  if (!isTar(bytes)) return { ok: false, reason: "is no WebAssembly module, nor an archive with one" };
  const modules = [...filesOf(bytes)].filter(({ content }) => isModule(content));
  const [only, another] = modules;
  if (only === undefined) return { ok: false, reason: "is an archive with no WebAssembly module in it" };
  if (another !== undefined) {
    const names = modules.slice(0, 5).map(({ name }) => name);
    return { ok: false, reason: `has ${modules.length} WebAssembly modules in it: ${names.join(", ")}` };
  }
  return { ok: true, module: Uint8Array.from(only.content) };
}

function isModule(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.byteLength >= BLOCK && text(bytes, 257, 5) === "ustar";
}

/** The regular files of a tar archive (POSIX.1-1988 ustar), up to its end or the first header that is none. */
function* filesOf(tar: Uint8Array): Generator<{ name: string; content: Uint8Array }> {
  for (let at = 0; at + BLOCK <= tar.byteLength && isTar(tar.subarray(at)); ) {
    const size = Number.parseInt(text(tar, at + 124, 12).trim(), 8);
    const start = at + BLOCK;
    if (!(size >= 0) || start + size > tar.byteLength) return;
    const kind = text(tar, at + 156, 1);
    if (kind === "0" || kind === "") {
      yield { name: text(tar, at, 100), content: tar.subarray(start, start + size) };
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Up to the first zero. */
function text(bytes: Uint8Array, start: number, length: number): string {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("latin1");
  return field.split("\0")[0] ?? "";
}
