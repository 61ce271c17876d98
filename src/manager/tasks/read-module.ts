/** A module as a client hands it in, in base64, to its reference and the change that stores it. */
import { createHash } from "node:crypto";
import { PropError } from "../../errors.ts";
import type { ModuleRef } from "../../model/task.ts";
import { decodeBase64, encodeBase64 } from "../../protocol/base64.ts";
import type { Change } from "../../store/store.ts";

/** Modules longer than this in base64 are not kept. */
const LARGEST_KEPT_TEXT = 1_048_576;
const MODULES_KEPT = 16;

/** The module in standard base64. @throws PropError `TASK_INVALID`, `MODULE_INVALID` */
export type ModuleReader = (file: string) => { module: ModuleRef; change: Change };

export function readModule(file: string): { module: ModuleRef; change: Change } {
  const bytes = decodeBase64(file);
  if (bytes === undefined) throw notBase64();
  return moduleOf(bytes);
}

/** Reads each module once, however many tasks carry it. */
export function modulesOnce(): ModuleReader {
  const read = new Map<string, ReturnType<ModuleReader>>();
  return (file) => {
    const known = read.get(file) ?? readModule(file);
    read.set(file, known);
    return known;
  };
}

/** Clients that run one module often send it each time: the latest are read once. */
export function recentModules(): ModuleReader {
  const read = new Map<string, ReturnType<ModuleReader>>();
  return (file) => {
    const known = read.get(file);
    if (known !== undefined) return known;
    const module = readModule(file);
    if (file.length > LARGEST_KEPT_TEXT) return module;
    read.set(file, module);
    for (const oldest of read.keys()) {
      if (read.size <= MODULES_KEPT) break;
      read.delete(oldest);
    }
    return module;
  };
}

/** A module's reference, and the change that stores it. @throws PropError `MODULE_INVALID` */
export function moduleOf(bytes: Uint8Array): { module: ModuleRef; change: Change } {
  const [a, b, c, d] = bytes;
  if (a !== 0 || b !== 0x61 || c !== 0x73 || d !== 0x6d) {
    throw new PropError({ code: "MODULE_INVALID", message: "invalid WASM file: missing magic bytes" });
  }
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  // The layer of the header: 1 is a component (component model, Binary.md, preamble).
  const component = bytes[6] === 1 ? { component: true as const } : {};
  const module = { digest, sizeBytes: bytes.byteLength, preview: previewOf(bytes), ...component };
  return { module, change: { kind: "module", digest, bytes } };
}

function previewOf(bytes: Uint8Array): string {
  const head = encodeBase64(bytes.subarray(0, 9)).slice(0, 10);
  const cut = Math.max(0, Math.floor(bytes.byteLength / 3) * 3 - 9);
  return `${head}<REDACTED>${encodeBase64(bytes.subarray(cut)).slice(-10)}`;
}

function notBase64(): PropError {
  return new PropError({ code: "TASK_INVALID", message: "illegal base64 data in file" });
}
