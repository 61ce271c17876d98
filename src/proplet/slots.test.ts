import { expect, test } from "vitest";
import { createSlots } from "./slots.ts";

test("jobs start in their order, so many at once", async () => {
  const slots = createSlots(2);
  const started: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  for (const [index, { promise }] of ends.entries()) {
    slots.take(() => {
      started.push(index);
      return promise;
    });
  }
  expect(started).toEqual([0, 1]);
  ends[1]?.resolve();
  await expect.poll(() => started).toEqual([0, 1, 2]);
  slots.clear();
  ends[0]?.resolve();
  ends[2]?.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  slots.take(async () => resolve());
  await promise;
  expect(started).toEqual([0, 1, 2]);
});
