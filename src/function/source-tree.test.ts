import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Project } from "./project.ts";
import { fingerprint, watchedPaths } from "./source-tree.ts";

let dir = "";
let project: Project;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-source-tree-"));
  await mkdir(join(dir, "src"));
  await writeFile(join(dir, "src/a.c"), "one");
  await writeFile(join(dir, "src/b.c"), "two");
  const outputPath = join(dir, "build/hello.wasm");
  project = {
    dir,
    name: "hello",
    toolchain: "c",
    kind: "function",
    source: "src/a.c",
    env: {},
    limits: {},
    outputPath,
  };
});

afterEach(() => rm(dir, { recursive: true }));

test("the fingerprint is the contents': a touched file leaves it, a changed one does not", async () => {
  const before = await fingerprint(project, "");
  await utimes(join(dir, "src/a.c"), 1, 1);
  expect(await fingerprint(project, "")).toBe(before);
  await writeFile(join(dir, "src/a.c"), "ONE");
  expect(await fingerprint(project, "")).not.toBe(before);
});

test("a renamed file, a moved end of file and another compiler change it", async () => {
  const seen = [await fingerprint(project, ""), await fingerprint(project, "clang 15")];
  await rename(join(dir, "src/b.c"), join(dir, "src/c.c"));
  seen.push(await fingerprint(project, ""));
  await writeFile(join(dir, "src/a.c"), "on");
  await writeFile(join(dir, "src/c.c"), "etwo");
  seen.push(await fingerprint(project, ""));
  expect(new Set(seen).size).toBe(4);
});

test("what tools write is no source", async () => {
  const before = await fingerprint(project, "");
  for (const folder of ["build", "node_modules", ".prop", ".git"]) {
    await mkdir(join(dir, folder));
    await writeFile(join(dir, folder, "x"), "x");
  }
  expect(await fingerprint(project, "")).toBe(before);
});

test("a linked folder is read as its own, and a loop of links ends", async () => {
  const other = await mkdtemp(join(tmpdir(), "prop-linked-"));
  await writeFile(join(other, "shared.h"), "1");
  await symlink(other, join(dir, "include"));
  await symlink(dir, join(dir, "src/loop"));
  const before = await fingerprint(project, "");
  await writeFile(join(other, "shared.h"), "2");
  expect(await fingerprint(project, "")).not.toBe(before);
  await rm(other, { recursive: true });
  expect(await fingerprint(project, "")).toBeTypeOf("string");
});

test("a watcher sees sources and prop.toml, not what tools write", () => {
  const { path, ignored } = watchedPaths(project);
  expect(path).toBe(dir);
  expect(["", "src", "src/a.c", "prop.toml"].filter((name) => ignored(join(dir, name)))).toEqual([]);
  const foreign = ["build", "build/hello.wasm", "node_modules/x/y", ".prop/db", "src/.a.c.swp"];
  expect(foreign.filter((name) => !ignored(join(dir, name)))).toEqual([]);
});
