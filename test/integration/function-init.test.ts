import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { createWorkspace, prop, writeFiles } from "../support/workspace.ts";

test.each([
  ["assemblyscript", ["package.json", "src/index.ts", "tsconfig.json"]],
  ["wat", ["package.json", "src/index.wat"]],
  ["c", ["src/index.c"]],
])(
  "a project of the template %s has source, prop.toml, README.md and .gitignore",
  async (template, files) => {
    const cwd = await createWorkspace();
    const { exitCode, stdout } = await prop(cwd, ["init", "hello", "-t", template, "--no-install", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      dir: join(cwd, "hello"),
      name: "hello",
      template,
      kind: "function",
      files: [".gitignore", "README.md", "prop.toml", ...files].sort(),
      installed: false,
    });
    expect(await readFile(join(cwd, "hello/.gitignore"), "utf8")).toBe("build/\nnode_modules/\n.prop/\n");
    const texts = await Promise.all(
      ["README.md", "prop.toml"].map((file) => readFile(join(cwd, "hello", file), "utf8")),
    );
    expect(texts.join("")).not.toContain("{{");
    expect(texts[1]).toContain('name = "hello"');
  },
);

test("without a terminal nothing is asked: AssemblyScript, and what to do next on stderr", async () => {
  const cwd = await createWorkspace();
  const { exitCode, stdout, stderr } = await prop(cwd, ["init", "hello", "--no-install"]);
  expect(exitCode).toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /cd hello\n {2}npm install\n {2}prop dev .*\n {2}prop build .*\n {2}prop run \. 2 3/,
  );
  expect(await readFile(join(cwd, "hello/prop.toml"), "utf8")).toContain('toolchain = "assemblyscript"');
});

test("--name without a folder makes a folder of that name; with one, it is the function's", async () => {
  const cwd = await createWorkspace();
  await prop(cwd, ["init", "--name", "one", "--no-install"]);
  await prop(cwd, ["init", "Some Folder", "--name", "two", "--no-install"]);
  expect(await readFile(join(cwd, "one/prop.toml"), "utf8")).toContain('name = "one"');
  expect(await readFile(join(cwd, "Some Folder/prop.toml"), "utf8")).toContain('name = "two"');
});

test("with neither folder nor name it is bad usage", async () => {
  const { exitCode, stderr } = await prop(await createWorkspace(), ["init"]);
  expect(exitCode).toBe(2);
  expect(stderr).toBe("Error: which folder?\n  Name it: prop init hello");
});

test("a folder whose name is no function's needs --name", async () => {
  const { exitCode, stderr } = await prop(await createWorkspace(), ["init", "My Fn"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Did you mean: --name my-fn");
});

test("a folder with other files is filled, and nothing in it is overwritten", async () => {
  const cwd = await createWorkspace();
  await writeFiles(cwd, { "a/notes.txt": "mine", "b/src/index.ts": "mine" });
  expect(await prop(cwd, ["init", "a", "--no-install"])).toMatchObject({ exitCode: 0 });
  const refused = await prop(cwd, ["init", "b", "--no-install"]);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("Error: b/src/index.ts is there already and would be lost");
  expect(await readFile(join(cwd, "b/src/index.ts"), "utf8")).toBe("mine");
  await expect(readFile(join(cwd, "b/prop.toml"))).rejects.toThrow("ENOENT");
});

const registry = await execa("npm", ["ping"], { reject: false });
if (registry.failed) console.warn("skipped: npm install, since no npm registry answers");

test.skipIf(registry.failed)("the compiler is installed into the project, which then builds", async () => {
  const cwd = await createWorkspace();
  const { exitCode, stdout } = await prop(cwd, ["init", "hello", "--json"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ installed: true });
  await readFile(join(cwd, "hello/node_modules/assemblyscript/package.json"));
  const built = await prop(join(cwd, "hello"), ["build"]);
  expect(built.stdout).toContain("add(i32, i32) -> i32");
});

test("npm that fails is an error that says the project is there", async () => {
  const cwd = await createWorkspace();
  const env = {
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_fetch_retries: "0",
    npm_config_cache: join(cwd, "cache"),
  };
  const { exitCode, stderr } = await prop(cwd, ["init", "hello"], { env });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /Error: npm install failed \(exit \d+\)\n {2}The project is written\. .*cd hello && npm install/,
  );
});
