import { expect, test } from "vitest";
import { TakeoverWatch } from "./takeover-watch.ts";

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("three short connections in a row that the broker closed mean that the id is taken", () => {
  const watch = new TakeoverWatch();
  const verdicts = [0, 1_000, 2_000].map((nowMs) => {
    watch.accepted(nowMs);
    return watch.closed(nowMs + 500, nowMs === 1_000 ? withCode("ECONNRESET") : undefined);
  });
  expect(verdicts).toEqual([false, false, true]);
});

function shortConnection(watch: TakeoverWatch, error?: Error): boolean {
  watch.accepted(0);
  return watch.closed(10, error);
}

function longConnection(watch: TakeoverWatch): boolean {
  watch.accepted(0);
  return watch.closed(5_000, undefined);
}

test.each([
  ["one that lasted", longConnection],
  ["one that was never accepted", (watch: TakeoverWatch) => watch.closed(10, withCode("ECONNREFUSED"))],
  ["one that failed for a reason", (watch: TakeoverWatch) => shortConnection(watch, withCode("ETIMEDOUT"))],
  ["one that failed without a code", (watch: TakeoverWatch) => shortConnection(watch, new Error("x"))],
])("%s in between starts the count again", (_name, between) => {
  const watch = new TakeoverWatch();
  const verdicts = [shortConnection(watch), shortConnection(watch), between(watch)];
  verdicts.push(shortConnection(watch), shortConnection(watch), shortConnection(watch));
  expect(verdicts).toEqual([false, false, false, false, false, true]);
});
