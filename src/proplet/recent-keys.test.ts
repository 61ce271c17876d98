import { expect, test } from "vitest";
import { attemptKey, createRecentKeys } from "./recent-keys.ts";

test("the oldest key gives way, unless it came again", () => {
  const keys = createRecentKeys(2);
  for (const key of ["a", "b", "a", "c"]) keys.add(key);
  expect(["a", "b", "c"].map(keys.has)).toEqual([true, false, true]);
});

test("attempts of different tasks never share a key", () => {
  expect(attemptKey("1 a", 1)).not.toBe(attemptKey("a", 11));
  expect(attemptKey("a", 1)).not.toBe(attemptKey("a", 2));
});
