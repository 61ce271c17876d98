import { expect, test } from "vitest";
import { checkImports } from "./imports-check.ts";
import { parseModule } from "./module-info.ts";
import { assemble } from "./testing/wat.ts";

async function check(text: string): Promise<void> {
  checkImports(parseModule(await assemble(text)));
}

test("functions of WASI preview 1 are provided", async () => {
  const random = "(func (param i32 i32) (result i32))";
  await check(`(module (import "wasi_snapshot_preview1" "random_get" ${random}))`);
  await check(`(module (import "wasi_unstable" "random_get" ${random}))`);
  await check(`(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))`);
});

test.each([
  [`"env" "foo" (func)`, "unknown import: `env::foo` has not been defined"],
  [`"env" "memory" (memory 1)`, "unknown import: `env::memory` has not been defined"],
  [
    `"wasi_unstable" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32))`,
    "unknown import: `wasi_unstable::poll_oneoff` has not been defined",
  ],
  [
    `"wasi_snapshot_preview1" "random_get" (func (param i64 i64) (result i32))`,
    "incompatible import type for `wasi_snapshot_preview1::random_get`: the module expects (i64, i64) -> (i32)",
  ],
])("%s is refused", async (declaration, message) => {
  await expect(check(`(module (import ${declaration}))`)).rejects.toMatchObject({
    code: "MODULE_IMPORT_MISSING",
    message,
  });
});

test("AssemblyScript's abort comes with the flag that does without it", async () => {
  await expect(check(`(module (import "env" "abort" (func (param i32 i32 i32 i32))))`)).rejects.toMatchObject(
    { hint: expect.stringContaining("--use abort=") },
  );
});
