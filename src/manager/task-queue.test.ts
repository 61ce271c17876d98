import fc from "fast-check";
import { expect, test } from "vitest";
import type { Task } from "../model/task.ts";
import { createTaskQueue } from "./task-queue.ts";

const task = (id: string, priority: number) => ({ id, priority }) as Task;

test("tasks come by priority, the oldest first among equals", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (priorities) => {
      const queue = createTaskQueue();
      for (const [index, priority] of priorities.entries()) queue.add(task(String(index), priority));
      const expected = [...priorities.entries()]
        .sort(([i, a], [j, b]) => b - a || i - j)
        .map(([index]) => String(index));
      expect([...queue.ids()]).toEqual(expected);
      expect(queue.size).toBe(priorities.length);
    }),
  );
});

test("a task that is added again stands at the end of its new priority, once", () => {
  const queue = createTaskQueue();
  for (const id of ["a", "b"]) queue.add(task(id, 50));
  queue.add(task("a", 50));
  expect([...queue.ids()]).toEqual(["b", "a"]);
});

test("removing the one at hand while walking is safe", () => {
  const queue = createTaskQueue();
  for (const id of ["a", "b", "c"]) queue.add(task(id, 50));
  const seen: string[] = [];
  for (const id of queue.ids()) {
    seen.push(id);
    queue.delete(id);
  }
  expect({ seen, size: queue.size }).toEqual({ seen: ["a", "b", "c"], size: 0 });
});
