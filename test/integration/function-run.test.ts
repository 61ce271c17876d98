import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import wabt from "wabt";
import { buildableTemplates } from "../support/c-compiler.ts";
import { createWorkspace, prop, writeFiles } from "../support/workspace.ts";

async function createProject(template = "wat"): Promise<string> {
  const cwd = await createWorkspace();
  await prop(cwd, ["init", "hello", "--template", template, "--no-install"]);
  return join(cwd, "hello");
}

/** Assembles a module into a new folder. */
async function createModule(text: string): Promise<string> {
  const cwd = await createWorkspace();
  const { parseWat } = await wabt();
  await writeFile(join(cwd, "x.wasm"), parseWat("x.wat", text).toBinary({}).buffer);
  return cwd;
}

const wasi = (name: string, parameters: string) =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${parameters}) (result i32)))`;

/** Copies stdin to stdout, writes "!" to stderr, exits with 7. */
const copies = `(module
  ${wasi("fd_read", "i32 i32 i32 i32")} ${wasi("fd_write", "i32 i32 i32 i32")}
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00") (data (i32.const 8192) "\\00\\30\\00\\00\\01\\00\\00\\00") (data (i32.const 12288) "!")
  (func (export "_start")
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $fd_write (i32.const 2) (i32.const 8192) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 7))))`;

test("a project is built and its function run: the result is all that is on stdout", async () => {
  const dir = await createProject();
  expect(await prop(dir, ["run", ".", "2", "3"])).toMatchObject({ exitCode: 0, stdout: "5", stderr: "" });
  expect((await prop(join(dir, ".."), ["run", "hello", "2", "3"])).stdout).toBe("5");
});

test.each(buildableTemplates)("the template %s runs as it stands", async (template) => {
  expect((await prop(await createProject(template), ["run", ".", "2", "3"])).stdout).toBe("5");
});

test("with no folder every argument is an input of this folder's project", async () => {
  expect((await prop(await createProject(), ["run", "20", "22"])).stdout).toBe("42");
});

test("negative and repeated inputs keep their places", async () => {
  const cwd = await createModule(`(module (func (export "digits") (param i32 i32 i32) (result i32)
    (i32.add (i32.add (i32.mul (local.get 0) (i32.const 100)) (i32.mul (local.get 1) (i32.const 10))) (local.get 2))))`);
  expect((await prop(cwd, ["run", "x.wasm", "3", "2", "3"])).stdout).toBe("323");
  expect((await prop(cwd, ["run", "x.wasm", "-1", "2", "-1"])).stdout).toBe("-81");
  expect((await prop(cwd, ["run", "x.wasm", "--", "1", "-2", "3"])).stdout).toBe("83");
});

test("stdin, stdout, stderr and the exit code are the module's", async () => {
  const cwd = await createModule(copies);
  const run = await prop(cwd, ["run", "x.wasm"], { input: "hello\n" });
  expect(run).toMatchObject({ exitCode: 7, stdout: "hello", stderr: "!" });
});

test("what a compiler writes is on stderr, with no module run", async () => {
  const dir = await createProject();
  await writeFile(join(dir, "src/index.wat"), "(module nope)");
  const run = await prop(dir, ["run", ".", "2", "3"]);
  expect(run).toMatchObject({ exitCode: 1, stdout: "" });
  expect(run.stderr).toContain("Error: the wat compiler failed (exit 1)");
});

const two = `(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "two") (result i32) (i32.const 2)))`;

test("--invoke chooses one of several functions", async () => {
  const cwd = await createModule(two);
  expect((await prop(cwd, ["run", "x.wasm", "--invoke", "two"])).stdout).toBe("2");
  const unclear = await prop(cwd, ["run", "x.wasm"]);
  expect(unclear.exitCode).toBe(1);
  expect(unclear.stderr).toBe(
    "Error: x.wasm exports several functions\n  Choose one with --invoke: one() -> i32, two() -> i32",
  );
});

test("the environment is prop.toml's, and --env goes before it", async () => {
  const dir = await createProject();
  const size = `(module ${wasi("environ_sizes_get", "i32 i32")} (memory (export "memory") 1)
    (func (export "add") (result i32) (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
      (i32.add (i32.mul (i32.load (i32.const 0)) (i32.const 100)) (i32.load (i32.const 4)))))`;
  await writeFiles(dir, {
    "src/index.wat": size,
    "prop.toml":
      'name = "hello"\ntoolchain = "wat"\nsource = "src/index.wat"\nexport = "add"\n[env]\nA = "1"\n',
  });
  expect((await prop(dir, ["run"])).stdout).toBe("104");
  expect((await prop(dir, ["run", "--env", "A=22"])).stdout).toBe("105");
  expect((await prop(dir, ["run", "--env", "B=2", "--env", "C=3", "."])).stdout).toBe("312");
});

const endless = '(module (func (export "spin") (loop (br 0))))';

test("--timeout and prop.toml's limit stop a function that doesn't end", async () => {
  const cwd = await createModule(endless);
  const stopped = await prop(cwd, ["run", "x.wasm", "--timeout", "200ms"]);
  expect(stopped.exitCode).toBe(1);
  expect(stopped.stderr).toMatch(/^Error: .*200/);
  await writeFiles(cwd, {
    "prop.toml": 'name = "x"\ntoolchain = "wat"\nsource = "x.wat"\n[limits]\ntime = "300ms"\n',
    "x.wat": endless,
  });
  expect((await prop(cwd, ["run"])).stderr).toMatch(/^Error: .*300/);
});

test("--memory bounds what a function can have", async () => {
  const cwd = await createModule(
    '(module (memory (export "memory") 1) (func (export "grow") (result i32) (memory.grow (i32.const 100))))',
  );
  expect((await prop(cwd, ["run", "x.wasm"])).stdout).toBe("1");
  expect((await prop(cwd, ["run", "x.wasm", "--memory", "1MiB"])).stdout).toBe("-1");
});

test.each([
  ["a trap", '(module (func (export "f") unreachable))', [], /^Error: .*unreachable/],
  [
    "too few inputs",
    two.replaceAll("(result", "(param i32) (result"),
    ["--invoke", "one"],
    /^Error: .*expected 1/,
  ],
  [
    "an input of the wrong type",
    two.replaceAll("(result", "(param i32) (result"),
    ["x", "--invoke", "one"],
    /^Error: .*'x'/,
  ],
  ["an unknown function", two, ["--invoke", "three"], /^Error: x\.wasm exports no function "three"\n/],
  [
    "an import that nothing provides",
    '(module (import "env" "nope" (func)) (func (export "f")))',
    [],
    /^Error: .*nope/,
  ],
])("%s is one clear error", async (_, text, args, message) => {
  const { exitCode, stdout, stderr } = await prop(await createModule(text), ["run", "x.wasm", ...args]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain("    at ");
});

test("a file that is not there or no module is named", async () => {
  const cwd = await createWorkspace();
  await writeFile(join(cwd, "text.wasm"), "hello");
  expect(await prop(cwd, ["run", "none.wasm"])).toMatchObject({
    exitCode: 1,
    stderr: "Error: none.wasm is not there",
  });
  const text = await prop(cwd, ["run", "text.wasm"]);
  expect(text.exitCode).toBe(1);
  expect(text.stderr).toMatch(/^Error: text\.wasm: not a WebAssembly module/);
  expect((await prop(cwd, ["run", ".", "1"])).stderr).toContain(`Error: there is no prop.toml in ${cwd}`);
  expect((await prop(cwd, ["run", "nosuch"])).stderr).toContain(
    `Error: there is no folder ${join(cwd, "nosuch")}`,
  );
});

test.each([
  [["--env", "NOPE"], '--env "NOPE" is not NAME=value'],
  [["--timeout", "soon"], '--timeout: "soon" is not a duration'],
  [["--memory", "much"], '--memory: "much" is not a size'],
  [["--memory", "1KiB"], "--memory: 1KiB is less than 64KiB"],
  [["--nope"], "there is no flag --nope"],
])("%j is bad usage", async (flags, message) => {
  const { exitCode, stderr } = await prop(await createModule(two), ["run", "x.wasm", ...flags]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`Error: ${message}`);
});

test("it ends although its stdin stays open", async () => {
  const cwd = await createModule(copies);
  const running = prop(cwd, ["run", "x.wasm"], { input: null });
  running.stdin.write("line\n");
  expect(await running).toMatchObject({ exitCode: 7, stdout: "line" });
});

/** Says "!" on stderr, so that a test knows it is running. */
const says = (then: string) => `(module
  ${wasi("fd_read", "i32 i32 i32 i32")} ${wasi("fd_write", "i32 i32 i32 i32")}
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00") (data (i32.const 16) "!")
  (func (export "_start")
    (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
    ${then}))`;

test.each([
  ["never ends", "(loop (br 0))"],
  ["waits for stdin", "(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))"],
])("Ctrl-C ends a module that %s with 130", async (_, then) => {
  const running = prop(await createModule(says(then)), ["run", "x.wasm"], { input: null });
  await new Promise((resolve) => running.stderr.once("data", resolve));
  running.kill("SIGINT");
  expect((await running).exitCode).toBe(130);
});
