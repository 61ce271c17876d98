import { expect, test } from "vitest";
import { createRateLimiter } from "./rate-limit.ts";

function setUp(perSecond: number) {
  let nowMs = 0;
  const limiter = createRateLimiter(perSecond, () => nowMs);
  return {
    limiter,
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

test("a client may ask as often as it is allowed in a second, then has to wait", () => {
  const { limiter } = setUp(10);
  for (let asked = 0; asked < 10; asked++) expect(limiter.take("a")).toBe(0);
  expect(limiter.take("a")).toBe(100);
});

test("one client's haste is not another's", () => {
  const { limiter } = setUp(1);
  limiter.take("a");
  expect(limiter.take("a")).toBeGreaterThan(0);
  expect(limiter.take("b")).toBe(0);
});

test("waiting earns requests, a second's worth at most", () => {
  const { limiter, pass } = setUp(10);
  for (let asked = 0; asked < 10; asked++) limiter.take("a");
  pass(100);
  expect(limiter.take("a")).toBe(0);
  expect(limiter.take("a")).toBeGreaterThan(0);
  pass(60_000);
  for (let asked = 0; asked < 10; asked++) expect(limiter.take("a")).toBe(0);
  expect(limiter.take("a")).toBeGreaterThan(0);
});

test("clients beyond ten thousand share one bucket, until the others have gone quiet", () => {
  const { limiter, pass } = setUp(1);
  for (let client = 0; client < 10_000; client++) expect(limiter.take(`c${client}`)).toBe(0);
  expect(limiter.take("late-1")).toBe(0);
  expect(limiter.take("late-2")).toBeGreaterThan(0);
  pass(1_000);
  expect(limiter.take("late-1")).toBe(0);
  expect(limiter.take("late-2")).toBe(0);
});
