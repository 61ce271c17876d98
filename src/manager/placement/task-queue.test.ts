import fc from "fast-check";
import { expect, test } from "vitest";
import { createTaskQueue } from "./task-queue.ts";

function drained(queue: ReturnType<typeof createTaskQueue>): string[] {
  const ids: string[] = [];
  for (let first = queue.first(); first !== undefined; first = queue.first()) {
    ids.push(first.id);
    queue.delete(first.id);
  }
  return ids;
}

test("tasks come by priority, the oldest first among equals", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (priorities) => {
      const queue = createTaskQueue();
      for (const [index, priority] of priorities.entries()) queue.add({ id: String(index), priority }, index);
      const expected = [...priorities.entries()]
        .sort(([i, a], [j, b]) => b - a || i - j)
        .map(([index]) => String(index));
      expect(queue.size).toBe(priorities.length);
      expect(drained(queue)).toEqual(expected);
    }),
  );
});

test("a task that is added again stands where its new ticket says, once", () => {
  const queue = createTaskQueue();
  queue.add({ id: "a" }, 1);
  queue.add({ id: "b" }, 2);
  queue.add({ id: "a" }, 3);
  expect(drained(queue)).toEqual(["b", "a"]);
});

test("a task without a priority goes before one below the default", () => {
  const queue = createTaskQueue();
  queue.add({ id: "low", priority: 49 }, 1);
  queue.add({ id: "default" }, 2);
  expect(drained(queue)).toEqual(["default", "low"]);
});
