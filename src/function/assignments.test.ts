import { expect, test } from "vitest";
import { parseAssignments } from "./assignments.ts";

test("a value may be empty, hold further = and line breaks", () => {
  expect(parseAssignments(["A=1", "B=", "C=x=y", "D=1\n2"], "--env")).toEqual({
    A: "1",
    B: "",
    C: "x=y",
    D: "1\n2",
  });
});

test("the last of two values with one name counts", () => {
  expect(parseAssignments(["A=1", "A=2"], "--env")).toEqual({ A: "2" });
});

test.each(["A", "=1", ""])('"%s" is bad usage', (pair) => {
  expect(() => parseAssignments([pair], "--env")).toThrow(
    expect.objectContaining({ message: `--env "${pair}" is not NAME=value`, exitCode: 2 }),
  );
});
