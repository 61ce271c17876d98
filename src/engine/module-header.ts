/** Tells from the first eight bytes whether this is WebAssembly, and of which kind. */
import { PropError } from "../errors.ts";
import { truncated } from "./byte-reader.ts";

const magic = [0x00, 0x61, 0x73, 0x6d];

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function notAModule(bytes: Uint8Array): PropError {
  if (bytes.length === 0) {
    return new PropError({ code: "MODULE_INVALID", message: "not a WebAssembly module: it is empty" });
  }
  const text = Buffer.from(bytes.subarray(0, 64)).toString("latin1").trimStart();
  return new PropError({
    code: "MODULE_INVALID",
    message: `not a WebAssembly module: it starts with ${hex(bytes.subarray(0, 4))}, a module with ${hex(magic)}`,
    hint: text.startsWith("(")
      ? "This is the text format: assemble it first (wat2wasm)."
      : "Give the compiled .wasm file, not its source or an archive of it.",
  });
}

/**
 * Reads the header of a WebAssembly binary.
 * @throws PropError `MODULE_INVALID`, `MODULE_UNSUPPORTED` for a version that is neither a module's nor a component's
 */
export function readKind(bytes: Uint8Array): "core" | "component" {
  if (bytes.length === 0 || magic.some((byte, index) => index < bytes.length && bytes[index] !== byte)) {
    throw notAModule(bytes);
  }
  if (bytes.length < 8) throw truncated(`it has ${bytes.length} bytes, and its header alone takes 8`);
  const version = hex(bytes.subarray(4, 8));
  if (version === "01 00 00 00") return "core";
  if (version === "0d 00 01 00") return "component";
  throw new PropError({
    code: "MODULE_UNSUPPORTED",
    message: `WebAssembly version ${version} is not known: a module has 01 00 00 00, a component 0d 00 01 00`,
  });
}
