import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { findViolations, readSources } from "./import-rules.ts";

const root = resolve(import.meta.dirname, "../..");

test("imports point down in every source file, and every file is used", async () => {
  const packageJson = await readFile(resolve(root, "package.json"), "utf8");
  const entries = [...packageJson.matchAll(/\b(src\/[\w/-]+)\.[jt]s\b/g)].map(([, path]) => `${path}.ts`);
  const sources = await readSources(root);
  expect(sources.size).toBeGreaterThan(50);
  expect(findViolations(sources, entries)).toEqual([]);
});

describe("what is found", () => {
  const check = (path: string, text: string) =>
    findViolations(new Map([[path, text]]), [path]).map((line) => line.slice(path.length + 1));

  test.each([
    ['import { createManager } from "../manager/manager.ts";', "manager"],
    ['import type { Manager } from "../manager/manager.ts";', "manager"],
    ['import {\n  createManager,\n} from "../manager/manager.ts";', "manager"],
    ['export * from "../manager/manager.ts";', "manager"],
    ['import "../manager/manager.ts";', "manager"],
    ['const { createManager } = await import("../manager/manager.ts");', "manager"],
    ['new Worker(new URL("../manager/manager.ts", import.meta.url));', "manager"],
  ])("a proplet that uses a manager: %s", (text) => {
    expect(check("src/proplet/proplet.ts", text)).toEqual([
      expect.stringContaining("imports src/manager/manager.ts: proplet may use engine, registry, transport"),
    ]);
  });

  test("a pure room that does I/O", () => {
    expect(check("src/protocol/topics.ts", 'import { readFile } from "node:fs/promises";')).toEqual([
      "imports node:fs/promises: protocol is pure",
    ]);
    expect(check("src/protocol/topics.ts", 'import { Buffer } from "node:buffer";')).toEqual([]);
  });

  test("a command that goes round the client", () => {
    expect(check("commands/tasks/list.ts", 'import { serve } from "../../src/api/server.ts";')).toHaveLength(
      1,
    );
    expect(check("commands/tasks/list.ts", 'import { connect } from "../../src/api/client.ts";')).toEqual([]);
  });

  test("a room that imports a command, and a room without a rule", () => {
    expect(check("src/cli/x.ts", 'import Build from "../../commands/build.ts";')).toHaveLength(1);
    expect(check("src/newroom/x.ts", 'import { x } from "../engine/x.ts";')).toHaveLength(1);
  });

  test("a file that nothing uses", () => {
    expect(findViolations(new Map([["src/engine/left-over.ts", ""]]), [])).toEqual([
      "src/engine/left-over.ts: nothing imports it",
    ]);
  });
});
