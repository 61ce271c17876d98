import { expect, test } from "vitest";
import { parseLogLevel } from "./log-level.ts";

test.each([
  ["info", "info"],
  ["INFO", "info"],
  ["Warn", "warn"],
  ["trace", "debug"],
])("%s, as a deployment may have it, is the level %s", (text, level) => {
  expect(parseLogLevel(text)).toBe(level);
});

test("what is no level is refused with those that are", () => {
  expect(() => parseLogLevel("loud")).toThrow(
    expect.objectContaining({ message: expect.stringContaining("debug, info"), exitCode: 2 }),
  );
});
