import { expect, test } from "vitest";
import type { FunctionSignature } from "./engine.ts";
import { resolveEntry } from "./entry.ts";

function functions(...names: string[]): FunctionSignature[] {
  return names.map((name) => ({ name, parameters: [], results: [] }));
}

test("the function asked for wins over every fallback", () => {
  expect(resolveEntry(functions("main", "add"), "add", false).name).toBe("add");
});

test.each([
  [["_start", "run", "main"], "main"],
  [["_start", "run"], "run"],
  [["_start"], "_start"],
])("a name that is not exported falls back: of %j, %s", (exported, expected) => {
  expect(resolveEntry(functions(...exported), "task", false).name).toBe(expected);
});

test("without a fallback, the error lists what there is", () => {
  expect(() => resolveEntry(functions("add", "sub"), "nope", false)).toThrow(
    `Function 'nope' not found, and fallbacks ["main", "run", "_start"] also not found in module exports. Available function exports: ["add", "sub"]`,
  );
});

test("an exact name has no fallback", () => {
  expect(() => resolveEntry(functions("main"), "nope", true)).toThrow(
    `Function 'nope' not found in module exports. Available function exports: ["main"]`,
  );
});

test("main(argc, argv) beside a _start stands for the program, unless it is meant exactly", () => {
  const program: FunctionSignature[] = [
    { name: "main", parameters: ["i32", "i32"], results: ["i32"] },
    ...functions("_start"),
  ];
  expect(resolveEntry(program, "task", false).name).toBe("_start");
  expect(resolveEntry(program, "main", true).name).toBe("main");
});
