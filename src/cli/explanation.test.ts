import { expect, test } from "vitest";
import { presentTask } from "../api/present-task.ts";
import type { Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { idleTask } from "../model/testing/task.ts";
import { renderExplanation } from "./explanation.ts";

const plain = { colours: false };
const explained = (fields: Partial<Task> = {}) => ({
  task: presentTask(idleTask(fields)),
  policy: "hybrid" as const,
});

test("the first line says the state, the policy and what the task waits for", () => {
  const first = (given: Parameters<typeof renderExplanation>[0]) => renderExplanation(given, plain);
  const waits = "no proplet is alive";
  expect(first({ ...explained({ queued_at: "x" }), waits, proplets: [] })).toBe(
    "Pending, policy hybrid: no proplet is alive",
  );
  expect(first({ ...explained(), proplets: [] })).toBe("Pending, policy hybrid: it was not started");
  const running = explained({ state: TaskState.Running, proplet_id: "p1" });
  expect(first({ ...running, proplets: [] })).toBe("Running on p1, policy hybrid");
});

test("each proplet has its line, with its verdict and all reasons", () => {
  const text = renderExplanation(
    {
      ...explained({ state: TaskState.Running, proplet_id: "p2" }),
      proplets: [
        { id: "p1", name: "A", holds: false, fits: true, rank: 1, reasons: ["has the module"] },
        { id: "p2", name: "B", holds: true, fits: true, rank: 2, reasons: ["1 of 4 slots taken"] },
        { id: "p3", name: "C", holds: false, fits: true, rank: 3, reasons: ["2 of 4 slots taken"] },
        { id: "p4", name: "D", holds: false, fits: false, reasons: ["lacks the tag a", "is not alive"] },
      ],
    },
    plain,
  );
  expect(text.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
    ["Running on p2, policy hybrid"],
    ["PROPLET", "NAME", "VERDICT", "REASONS"],
    ["p1", "A", "first choice", "has the module"],
    ["p2", "B", "holds it", "1 of 4 slots taken"],
    ["p3", "C", "choice 3", "2 of 4 slots taken"],
    ["p4", "D", "no", "lacks the tag a; is not alive"],
  ]);
});
