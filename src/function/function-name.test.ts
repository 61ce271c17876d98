import fc from "fast-check";
import { expect, test } from "vitest";
import { checkFunctionName, functionNamePattern, suggestFunctionName } from "./function-name.ts";

test.each(["a", "hello", "a-1", "0", "x".repeat(63)])('"%s" is a function name', (name) => {
  expect(checkFunctionName(name)).toBe(name);
});

test.each(["", "Hello", "-a", "a-", "a_b", "a.b", "../x", "a\n", "x".repeat(64)])('"%s" is none', (name) => {
  expect(() => checkFunctionName(name)).toThrow(
    expect.objectContaining({ code: "FUNCTION_NAME_INVALID", exitCode: 2 }),
  );
});

test("the error suggests the nearest name", () => {
  expect(() => checkFunctionName("My Function")).toThrow(
    expect.objectContaining({ hint: "Did you mean: --name my-function" }),
  );
  expect(suggestFunctionName("___")).toBeUndefined();
});

test("what is suggested for any text is a name", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ minLength: 60, maxLength: 80 })), (text) => {
      expect(suggestFunctionName(text) ?? "none").toMatch(functionNamePattern);
    }),
  );
});
