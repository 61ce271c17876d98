import { expect, test } from "vitest";
import { findTomlLine } from "./toml-line.ts";

const text = ['name = "a"', "", "[limits]", "  time = 1", "[ env ]", '"A B" = 1', "'C' = 2", "name = 3"].join(
  "\n",
);

test("a key is found in its own table", () => {
  expect(findTomlLine(text, ["name"])).toBe(1);
  expect(findTomlLine(text, ["limits", "time"])).toBe(4);
  expect(findTomlLine(text, ["env", "name"])).toBe(8);
});

test("a quoted key and a table are found", () => {
  expect(findTomlLine(text, ["env", "A B"])).toBe(6);
  expect(findTomlLine(text, ["env", "C"])).toBe(7);
  expect(findTomlLine(text, ["limits"])).toBe(3);
});

test("what is not there has no line", () => {
  expect(findTomlLine(text, ["time"])).toBeUndefined();
  expect(findTomlLine(text, [])).toBeUndefined();
});
