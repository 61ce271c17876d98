import { expect, test } from "vitest";
import { parseAge } from "./retention-flags.ts";

test.each([
  ["30d", 2_592_000_000],
  ["1.5d", 129_600_000],
  ["720h", 2_592_000_000],
  ["90s", 90_000],
  ["0", 0],
  ["0h", 0],
])("%s", (text, ms) => expect(parseAge(text)).toBe(ms));

test.each(["", "d", "-1d", "30 d", "1d12h", "soon"])("%j is no age", (text) =>
  expect(() => parseAge(text)).toThrow("is not a duration"),
);
