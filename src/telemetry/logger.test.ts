import { expect, test } from "vitest";
import { createLogger, type LogLevel } from "./logger.ts";

function record(isTTY: boolean, level: LogLevel) {
  const lines: string[] = [];
  const output = { isTTY, write: (line: string) => lines.push(line) };
  return { lines, log: createLogger({ level, name: "proplet", output }) };
}

test("people read lines", () => {
  const { lines, log } = record(true, "info");
  log.debug("hidden");
  log.info("ready", { id: "p1", slots: 4 });
  log.warn("gone");
  expect(lines).toEqual(["ready id=p1 slots=4\n", "warn: gone\n"]);
});

test("machines read JSON", () => {
  const { lines, log } = record(false, "warn");
  log.info("hidden");
  log.error("failed", { id: "p1" });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: "error", time: expect.any(Number), name: "proplet", id: "p1", msg: "failed" },
  ]);
});

test("what others are called doesn't steer the terminal", () => {
  const { lines, log } = record(true, "info");
  log.info("proplet \u001b[2J\u009b31m is alive", { id: "a\u0007" });
  expect(lines).toEqual(["proplet \\u001b[2J\\u009b31m is alive id=a\\u0007\n"]);
});
