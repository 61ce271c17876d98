/** Assembles WebAssembly text for tests. */
import loadWabt from "wabt";

const wabt = loadWabt();
const features = { memory64: true, multi_memory: true, exceptions: true };

/** The binary of a module in the WebAssembly text format. */
export async function assemble(text: string): Promise<Uint8Array> {
  const { parseWat } = await wabt;
  const module = parseWat("test.wat", text, features);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

export const addText = `(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))`;

/** A WASI command that writes `text` to the descriptor `fd` and then runs `then`. */
export function printingText(text: string, fd = 1, then = ""): string {
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00\\${text.length.toString(16).padStart(2, "0")}\\00\\00\\00")
    (data (i32.const 16) "${text}")
    (func (export "_start")
      (drop (call $write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
      ${then}))`;
}

/** A WASI command that copies stdin to stdout until the end. */
export const echoText = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.eqz (i32.load (i32.const 8))) (then (return)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
      (br $more))))`;
