import fc from "fast-check";
import { expect, test } from "vitest";
import { broadcastTo, holders, withAnswers } from "./broadcast.ts";
import type { Answer, Task } from "./task.ts";
import { isEnded, TaskState } from "./task-state.ts";
import { idleTask } from "./testing/task.ts";

const at = "2026-01-02T03:04:05.000Z";
const withAnswer = (task: Task, id: string, answer: Answer, now: string) =>
  withAnswers(task, new Map([[id, answer]]), now);
const begun = (ids: string[], fields: Partial<Task> = {}): Task => {
  const task = broadcastTo(idleTask({ broadcast: true, queued_at: at, ...fields }), ids, at);
  if (task === undefined) throw new Error("it did not begin");
  return { ...task, ...fields };
};

test("a broadcast ends with the last of its proplets, in whatever order they answer, and has all that they said", () => {
  const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
    fc.record({ results: fc.string() }),
    fc.record({ error: fc.string({ minLength: 1 }) }),
  );
  const anyAnswers = fc.uniqueArray(fc.tuple(fc.uuid(), anyAnswer), { minLength: 1, selector: ([id]) => id });
  fc.assert(
    fc.property(anyAnswers, (answers) => {
      let task = begun(answers.map(([id]) => id).toReversed());
      for (const [index, [id, answer]] of answers.entries()) {
        expect(isEnded(task.state)).toBe(false);
        expect(holders(task)).toHaveLength(answers.length - index);
        task = withAnswer(task, id, answer, at) ?? task;
        expect(withAnswer(task, id, { results: "again" }, at)).toBeUndefined();
      }
      const failed = answers.filter(([, { error }]) => error !== undefined);
      expect(task.state).toBe(failed.length === 0 ? TaskState.Completed : TaskState.Failed);
      for (const [id, { results }] of answers)
        expect((task.results as Record<string, unknown>)[id]).toBe(results);
      expect(holders(task)).toEqual([]);
    }),
  );
});

test("the error of a broadcast names each proplet that failed, up to twenty of them", () => {
  const ids = Array.from({ length: 22 }, (_, index) => `p${index}`);
  let task = begun(ids);
  for (const id of ids) task = withAnswer(task, id, { error: "boom" }, at) ?? task;
  expect(task.error).toMatch(/^failed on 22 of 22 proplets: p0: boom; .*; p19: boom; and 2 more$/);
});

test("a broadcast that was stopped is Interrupted, whatever is answered then", () => {
  const task = withAnswer(begun(["a"], { stopping: true }), "a", { error: "task stopped" }, at);
  expect(task).toMatchObject({ state: TaskState.Interrupted, finish_time: at });
  expect(task).not.toHaveProperty("stopping");
  expect(task).not.toHaveProperty("error");
});

test("an answer of a proplet that it was not sent to changes nothing", () => {
  expect(withAnswer(begun(["a"]), "b", { results: "1" }, at)).toBeUndefined();
  expect(withAnswer(begun(["a"]), "__proto__", { results: "1" }, at)).toBeUndefined();
});
