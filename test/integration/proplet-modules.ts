/** The modules that the tests of the proplet run. */
import { addText, assemble, echoText, printingText } from "../../src/engine/testing/wat.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";

export const inBase64 = async (text: string) => encodeBase64(await assemble(text));

export const texts = {
  add: addText,
  mixed: `(module (func (export "mix") (param i64 f32 f64) (result f64)
    (f64.add (f64.add (f64.convert_i64_s (local.get 0)) (f64.promote_f32 (local.get 1))) (local.get 2))))`,
  two: `(module (func (export "two") (result i32 i32) (i32.const 1) (i32.const 2)))`,
  none: `(module (func (export "none")))`,
  negative: `(module (func (export "negative") (result i32) (i32.const -7)))`,
  trap: `(module (func (export "boom") unreachable))`,
  foreign: `(module (import "env" "foo" (func)) (func (export "f")))`,
  loop: `(module (func (export "loop") (loop $again (br $again))))`,
  hello: printingText("hello"),
  exit7: printingText("it broke", 2, "(call $exit (i32.const 7))"),
  echo: echoText,
  /** Writes its environment: names and values as WASI hands them out, with zeros between. */
  environment: `(module
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $sizes (i32.const 0) (i32.const 4)))
      (drop (call $get (i32.const 1024) (i32.const 4096)))
      (i32.store (i32.const 16) (i32.const 4096))
      (i32.store (i32.const 20) (i32.load (i32.const 4)))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8)))))`,
};
