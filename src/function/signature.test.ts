import { expect, test } from "vitest";
import { formatSignature } from "./signature.ts";

test("a signature reads like a declaration", () => {
  expect(formatSignature({ name: "add", parameters: ["i32", "i32"], results: ["i32"] })).toBe(
    "add(i32, i32) -> i32",
  );
  expect(formatSignature({ name: "go", parameters: [], results: [] })).toBe("go()");
  expect(formatSignature({ name: "two", parameters: ["f64"], results: ["i32", "i64"] })).toBe(
    "two(f64) -> (i32, i64)",
  );
});
