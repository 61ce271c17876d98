/** What a user gets wrong, through the whole system: each a clear error, and everything goes on. */
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { createUser } from "../support/dev.ts";

const LOOP = '(module (func (export "spin") (loop br 0)) (func (export "boom") unreachable))';
const BOMB = `(module (memory (export "memory") 1) (func (export "grow")
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))`;

test("files, functions, inputs and targets that are wrong are told by name, and the cluster goes on", async () => {
  const user = await createUser();
  const file = (name: string) => join(user.dir, name);
  const add = await assemble(addText);
  await writeFile(file("add.wasm"), add);
  await writeFile(file("text.wasm"), "#!/bin/sh\necho not a module\n");
  await writeFile(file("cut.wasm"), add.subarray(0, add.length - 5));
  await writeFile(file("zeros.wasm"), "");
  await truncate(file("zeros.wasm"), 100 * 1024 * 1024);
  await writeFile(
    file("import.wasm"),
    await assemble('(module (import "env" "lost" (func)) (func (export "f")))'),
  );
  await writeFile(file("loop.wasm"), await assemble(LOOP));
  await writeFile(file("bomb.wasm"), await assemble(BOMB));
  await user.startDev(user.dir);
  const run = (...args: string[]) => user.prop(user.dir, args);
  await run("deploy", "add.wasm", "--name", "add");

  const wrong: [string[], RegExp][] = [
    [["run", "text.wasm"], /not a WebAssembly module/],
    [["run", "cut.wasm", "1", "2"], /truncated/],
    [["run", "zeros.wasm"], /not a WebAssembly module: .*00 00 00 00/],
    [["run", "import.wasm"], /env::lost/],
    [["run", "loop.wasm", "--invoke", "spin", "--timeout", "200ms"], /200 ms.*time limit/],
    [["run", "bomb.wasm", "--invoke", "grow", "--memory", "32MiB"], /memory limit of 32 MiB/],
    [["run", "lost.wasm"], /lost\.wasm/],
    [["deploy", "text.wasm", "--name", "a"], /WASM|WebAssembly/],
    [["deploy", "cut.wasm", "--name", "b"], /truncated/],
    [["deploy", "zeros.wasm", "--name", "c"], /WASM|WebAssembly/],
    [["deploy", "import.wasm", "--name", "d"], /env::lost/],
    [["invoke", "add", "one", "2"], /Failed to parse 'one' as i32/],
    [["invoke", "add", "1"], /expected 2 arguments but got 1/],
    [["invoke", "nobody", "1"], /there is no function nobody/],
    [["deploy", "loop.wasm"], /spin.*boom/s],
    [["deploy", "add.wasm", "--invoke", "sub"], /sub.*add/s],
    [["invoke", "add", "1", "2", "--target", "http://127.0.0.1:1"], /cannot reach the manager/],
    [["tasks", "get", "00000000-0000-4000-8000-000000000000"], /not.*(found|exist)|doesn't exist/],
  ];
  for (const [args, message] of wrong) {
    const { exitCode, stderr } = await run(...args);
    expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 1, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n\s+at /);
  }
  const usage: [string[], RegExp][] = [
    [["deplyo"], /Did you mean: prop deploy/],
    [["deploy", "--nmae", "x"], /Did you mean --name/],
    [["dev", "--proplets", "many"], /proplets/],
    [["invoke"], /function/i],
  ];
  for (const [args, message] of usage) {
    const { exitCode, stderr } = await run(...args);
    expect({ args, exitCode, stderr }).toEqual({ args, exitCode: 2, stderr: expect.stringMatching(message) });
  }
  expect((await run("invoke", "add", "2", "3")).stdout).toBe("5");
});
