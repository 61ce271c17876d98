import { expect, it } from "vitest";
import type { ChangeEvent } from "../../model/event.ts";
import { createUntold } from "./untold.ts";

const task = (task_id: string, state: "Running" | "Completed"): ChangeEvent => ({
  ...{ type: "task", task_id, name: "t", state, attempt: 1 },
});

it("keeps the latest of each thing, in the order in which they happened, and gives it out once", () => {
  const untold = createUntold();
  untold.keep([task("a", "Running"), task("b", "Running")]);
  untold.keep([task("a", "Completed"), { type: "task_deleted", task_id: "a" }]);
  expect(untold.take()).toEqual([
    task("b", "Running"),
    task("a", "Completed"),
    { type: "task_deleted", task_id: "a" },
  ]);
  expect(untold.take()).toEqual([]);
});

it("doesn't grow with how often the same things change", () => {
  const untold = createUntold();
  for (let round = 0; round < 1_000; round++) {
    untold.keep([
      task("a", "Running"),
      { type: "proplet", proplet_id: "p", name: "P", alive: round % 2 === 0 },
    ]);
  }
  expect(untold.take()).toHaveLength(2);
});
