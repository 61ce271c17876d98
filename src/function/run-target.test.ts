import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseRunTarget } from "./run-target.ts";

let dir = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-run-target-"));
  await mkdir(join(dir, "hello"));
  await writeFile(join(dir, "hello/prop.toml"), "");
});

afterAll(() => rm(dir, { recursive: true }));

test("a name that ends in .wasm is a module file, also where there is none", () => {
  expect(parseRunTarget(["a/b.wasm", "1"])).toEqual({ kind: "file", path: "a/b.wasm", inputs: ["1"] });
});

test("a folder with a prop.toml is a project", () => {
  const project = join(dir, "hello");
  expect(parseRunTarget([project, "1", "2"])).toEqual({ kind: "project", dir: project, inputs: ["1", "2"] });
});

test("a folder written as a path is meant as a project, though it is none", () => {
  expect(parseRunTarget([dir, "1"])).toEqual({ kind: "project", dir, inputs: ["1"] });
  expect(parseRunTarget(["."])).toEqual({ kind: "project", dir: ".", inputs: [] });
});

test("where no project is, a word is meant as one, and a number as an input", () => {
  expect(parseRunTarget([])).toEqual({ kind: "project", dir: ".", inputs: [] });
  expect(parseRunTarget(["-7", "3"])).toEqual({ kind: "project", dir: ".", inputs: ["-7", "3"] });
  expect(parseRunTarget(["nosuch", "3"])).toEqual({ kind: "project", dir: "nosuch", inputs: ["3"] });
});
