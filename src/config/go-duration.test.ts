import { expect, test } from "vitest";
import { parseGoDuration } from "./go-duration.ts";

test.each([
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["500ms", 500],
  ["1h", 3_600_000],
  ["1.5m", 90_000],
  ["1500us", 2],
  ["30", 30_000],
])("%s", (text, ms) => expect(parseGoDuration(text)).toBe(ms));

test.each(["", "soon", "-1s", "0s", "10 s", "1d", "999h", "s"])("%j is no duration", (text) =>
  expect(() => parseGoDuration(text)).toThrow("is not a duration"),
);
