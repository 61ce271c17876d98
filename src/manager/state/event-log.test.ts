import { expect, test } from "vitest";
import type { ChangeEvent } from "../../model/event.ts";
import { createEventLog } from "./event-log.ts";

const task: ChangeEvent = { type: "task", task_id: "t", name: "add", state: "Completed", attempt: 1 };
const invocation: ChangeEvent = {
  type: "invocation",
  task_id: "t",
  invocation_id: "i",
  inputs: [],
  duration_ms: 1,
};

test.each([task, invocation])(
  "a $type event tells of a small result, and leaves a large one out",
  (event) => {
    const log = createEventLog(() => new Date());
    const told: unknown[] = [];
    log.follow(undefined, (recorded) => told.push(recorded.event));
    log.publish({ ...event, results: "5" });
    log.publish({ ...event, results: "x".repeat(8_193) });
    expect(told).toEqual([{ ...event, results: "5" }, event]);
  },
);
