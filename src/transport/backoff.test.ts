import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("grows from half a second to fifteen, half of it random", () => {
  expect([0, 1, 2, 10].map((failures) => backoffMs(failures, 1))).toEqual([500, 1_000, 2_000, 15_000]);
  expect([0, 1, 2, 10].map((failures) => backoffMs(failures, 0))).toEqual([250, 500, 1_000, 7_500]);
});

test("stays within its bounds however often it failed", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      expect(backoffMs(failures, random)).toBeGreaterThanOrEqual(250);
      expect(backoffMs(failures, random)).toBeLessThanOrEqual(15_000);
    }),
  );
});
