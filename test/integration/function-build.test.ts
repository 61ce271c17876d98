import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildableTemplates, cIsMissing } from "../support/c-compiler.ts";
import { createWorkspace, prop, writeFiles } from "../support/workspace.ts";

async function createProject(template: string): Promise<string> {
  const cwd = await createWorkspace();
  await prop(cwd, ["init", "hello", "--template", template, "--no-install"]);
  return join(cwd, "hello");
}

async function build(dir: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await prop(dir, ["build", "--json", ...args]);
  return { exitCode, stderr, json: JSON.parse(stdout) };
}

test.each(buildableTemplates)(
  "the template %s builds to a module that exports add and imports nothing",
  async (template) => {
    const dir = await createProject(template);
    const { exitCode, json } = await build(dir);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      name: "hello",
      toolchain: template,
      path: join(dir, "build/hello.wasm"),
      rebuilt: true,
    });
    expect(json.exports).toEqual([{ name: "add", parameters: ["i32", "i32"], results: ["i32"] }]);
    expect(json.imports).toEqual([]);
    const bytes = await readFile(json.path);
    expect(json.sizeBytes).toBe(bytes.length);
    expect(bytes.length).toBeLessThan(200);
    expect(() => new WebAssembly.Module(bytes)).not.toThrow();
    expect((await readdir(join(dir, "build"))).sort()).toEqual([".prop-build.json", "hello.wasm"]);
  },
);

test("size, exports and whether it was built are shown on stdout", async () => {
  const dir = await createProject("wat");
  const first = await prop(dir, ["build"]);
  expect(first.stdout).toMatch(
    /^build\/hello\.wasm {2}\d+ bytes {2}built in .*\n {2}add\(i32, i32\) -> i32$/,
  );
  expect(first.stderr).toBe("");
  const second = await prop(join(dir, ".."), ["build", "hello"]);
  expect(second.stdout).toMatch(/^hello\/build\/hello\.wasm {2}\d+ bytes {2}unchanged\n/);
});

test("only what changed is built again: source, prop.toml, a touched output, --force", async () => {
  const dir = await createProject("wat");
  expect((await build(dir)).json.rebuilt).toBe(true);
  expect((await build(dir)).json.rebuilt).toBe(false);
  expect((await build(dir, "--force")).json.rebuilt).toBe(true);
  const source = join(dir, "src/index.wat");
  await writeFile(source, (await readFile(source, "utf8")).replace("i32.add", "i32.sub"));
  expect((await build(dir)).json.rebuilt).toBe(true);
  await writeFile(join(dir, "prop.toml"), `${await readFile(join(dir, "prop.toml"), "utf8")}A = "1"\n`);
  expect((await build(dir)).json.rebuilt).toBe(true);
  await writeFile(join(dir, "build/hello.wasm"), "something else");
  expect((await build(dir)).json.rebuilt).toBe(true);
  await rm(join(dir, "build"), { recursive: true });
  expect((await build(dir)).json.rebuilt).toBe(true);
});

test.each([
  ["assemblyscript", "export function add(a: i32): i32 { return b; }", "Cannot find name 'b'"],
  ["wat", "(module (func i32.nope))", "index.wat:1:15: error"],
  ...(cIsMissing ? [] : [["c", "int add(void) { return }", "expected expression"]]),
])(
  "an error in %s is shown as its compiler wrote it, and the last good module stays",
  async (template, source, error) => {
    const dir = await createProject(template ?? "");
    const { json } = await build(dir);
    const good = await readFile(json.path);
    const [file = ""] = await readdir(join(dir, "src"));
    await writeFile(join(dir, "src", file), source ?? "");
    const failed = await prop(dir, ["build"]);
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toBe("");
    expect(failed.stderr).toContain(error);
    expect(failed.stderr).toContain(`Error: the ${template} compiler failed (exit 1)`);
    expect(await readFile(json.path)).toEqual(good);
    expect((await readdir(join(dir, "build"))).sort()).toEqual([".prop-build.json", "hello.wasm"]);
  },
);

test("an export that the module doesn't have fails the build and says what there is", async () => {
  const dir = await createProject("wat");
  const toml = join(dir, "prop.toml");
  await writeFile(toml, (await readFile(toml, "utf8")).replace('"add"', '"sub"'));
  const { exitCode, json } = await build(dir);
  expect(exitCode).toBe(1);
  expect(json.error).toEqual({
    code: "FUNCTION_NOT_FOUND",
    message: 'build/hello.wasm exports no function "sub"',
    hint: "It exports: add(i32, i32) -> i32",
  });
});

test("a compiler that is not installed is named with how to get it", async () => {
  const dir = await createProject("assemblyscript");
  await rm(join(dir, "../node_modules"));
  const { exitCode, json } = await build(dir);
  expect(exitCode).toBe(1);
  expect(json.error.code).toBe("COMPILER_MISSING");
  expect(json.error.hint).toContain("npm install");
});

test("no C compiler on the PATH: the error says which would do", async () => {
  const dir = await createProject("c");
  const { exitCode, stderr } = await prop(dir, ["build"], {
    env: { PATH: "/nowhere", WASI_SDK_PATH: "/nowhere" },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^Error: no C compiler here makes WebAssembly.*\n.*\n.*apt install clang lld wasi-libc/,
  );
});

test("a folder with no prop.toml is no project, nor is one that isn't there", async () => {
  const cwd = await createWorkspace();
  const hint = "\n  Start a project with: prop init hello";
  const empty = await prop(cwd, ["build"]);
  expect(empty).toMatchObject({ exitCode: 1, stderr: `Error: there is no prop.toml in ${cwd}${hint}` });
  const { exitCode, stderr } = await prop(cwd, ["build", "nowhere"]);
  expect(exitCode).toBe(1);
  expect(stderr).toBe(`Error: there is no folder ${join(cwd, "nowhere")}${hint}`);
});

test("an error in prop.toml names key, file and line; a source that is not there is named", async () => {
  const dir = await createProject("wat");
  await writeFiles(dir, { "prop.toml": 'name = "hello"\ntoolchain = "wat"\nsorce = "x.wat"\n' });
  expect((await prop(dir, ["build"])).stderr).toContain('Error: prop.toml:3: unknown key "sorce"');
  await writeFiles(dir, { "prop.toml": 'name = "hello"\ntoolchain = "wat"\nsource = "x.wat"\n' });
  expect((await prop(dir, ["build"])).stderr).toContain('Error: prop.toml: source "x.wat" is not in');
});

test("builds at the same time don't disturb each other", async () => {
  const dir = await createProject("wat");
  const results = await Promise.all([1, 2, 3].map(() => build(dir)));
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect((await build(dir)).json.rebuilt).toBe(false);
  expect((await readdir(join(dir, "build"))).sort()).toEqual([".prop-build.json", "hello.wasm"]);
});

test("Ctrl-C ends the compiler and leaves nothing behind", async () => {
  const dir = await createProject("assemblyscript");
  const many = Array.from(
    { length: 20_000 },
    (_, i) => `export function f${i}(a: i32): i32 { return a * ${i}; }`,
  );
  await writeFile(
    join(dir, "src/index.ts"),
    `${many.join("\n")}\nexport function add(a: i32): i32 { return a; }`,
  );
  const running = prop(dir, ["build"]);
  await expect.poll(() => readdir(join(dir, "build")).catch(() => undefined)).toBeDefined();
  running.kill("SIGINT");
  expect((await running).exitCode).toBe(130);
  expect(await readdir(join(dir, "build"))).toEqual([]);
});
