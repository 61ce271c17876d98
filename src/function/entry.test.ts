import { expect, test } from "vitest";
import type { ModuleInfo } from "../engine/engine.ts";
import { checkExported, chooseEntry } from "./entry.ts";

function core(...names: string[]): ModuleInfo {
  const functions: ModuleInfo["functions"] = names.map((name) => ({
    name,
    parameters: ["i32"],
    results: ["i32"],
  }));
  return { kind: "core", functions, imports: [], memoryBytes: 0 };
}

test("the function that is asked for is called", () => {
  expect(chooseEntry(core("_start", "add"), "add", "x.wasm")).toBe("add");
});

test("without asking it is a program's entry, else the only function", () => {
  expect(chooseEntry(core("add", "_start"), undefined, "x.wasm")).toBe("_start");
  expect(chooseEntry(core("add", "run"), undefined, "x.wasm")).toBe("run");
  expect(chooseEntry(core("_initialize", "__new", "add"), undefined, "x.wasm")).toBe("add");
});

test("several functions and no usual one: the error lists them", () => {
  expect(() => chooseEntry(core("add", "sub"), undefined, "x.wasm")).toThrow(
    expect.objectContaining({
      code: "FUNCTION_AMBIGUOUS",
      hint: "Choose one with --invoke: add(i32) -> i32, sub(i32) -> i32",
    }),
  );
});

test("a function that is not exported: the error says what is", () => {
  expect(() => checkExported(core("add"), "sub", "x.wasm")).toThrow(
    expect.objectContaining({
      message: 'x.wasm exports no function "sub"',
      hint: "It exports: add(i32) -> i32",
    }),
  );
  expect(() => chooseEntry(core(), undefined, "x.wasm")).toThrow("x.wasm exports no function");
});

test("what a component exports is left to the engine", () => {
  const component: ModuleInfo = { kind: "component", functions: [], imports: [], memoryBytes: 0 };
  expect(chooseEntry(component, "greet", "x.wasm")).toBe("greet");
  expect(chooseEntry(component, undefined, "x.wasm")).toBe("run");
});
