import fc from "fast-check";
import { expect, test } from "vitest";
import { durationMs, durationText } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["0s", undefined],
  ["597h", undefined],
  ["10", undefined],
  ["1s ", undefined],
  ["-1s", undefined],
])("%s is %s milliseconds", (text, milliseconds) => {
  expect(durationMs(text)).toBe(milliseconds);
});

test("a duration is read as it was written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (milliseconds) => {
      expect(durationMs(durationText(milliseconds))).toBe(milliseconds);
    }),
  );
});
