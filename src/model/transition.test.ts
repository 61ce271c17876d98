import { describe, expect, it } from "vitest";
import type { Task } from "./task.ts";
import { stateName, TaskState } from "./task-state.ts";
import { idleTask } from "./testing/task.ts";
import { type TaskEvent, transition } from "./transition.ts";

const at = "2026-01-02T03:04:05.000Z";
const later = "2026-01-02T03:05:00.000Z";

/** A task in each place it can be in; "queued" and "stopping" are Pending and Running with a flag. */
const places = {
  idle: { state: TaskState.Pending },
  queued: { state: TaskState.Pending, queued_at: at },
  requeued: { state: TaskState.Pending, queued_at: at, attempt: 2, lost: 1 },
  scheduled: { state: TaskState.Scheduled, attempt: 2, proplet_id: "p" },
  running: { state: TaskState.Running, attempt: 2, proplet_id: "p" },
  stopping: { state: TaskState.Running, attempt: 2, proplet_id: "p", stopping: true },
  completed: { state: TaskState.Completed, attempt: 2, results: "5" },
  failed: { state: TaskState.Failed, attempt: 2, error: "trap" },
  skipped: { state: TaskState.Skipped },
  interrupted: { state: TaskState.Interrupted, attempt: 2 },
} satisfies Record<string, Partial<Task>>;
type Place = keyof typeof places;

const events = {
  queue: { type: "queue" },
  dispatchAcknowledged: { type: "dispatch", propletId: "p", bootId: "b", acknowledges: true },
  dispatchLegacy: { type: "dispatch", propletId: "p", acknowledges: false },
  accept: { type: "accept", attempt: 2 },
  acceptOld: { type: "accept", attempt: 1 },
  complete: { type: "complete", attempt: 2, results: "7" },
  completeOld: { type: "complete", attempt: 1, results: "7" },
  completeLegacy: { type: "complete", results: "7" },
  fail: { type: "fail", attempt: 2, error: "boom" },
  failOld: { type: "fail", attempt: 1, error: "boom" },
  lose: { type: "lose", reason: "gone", maxAttempts: 5 },
  loseLast: { type: "lose", reason: "gone", maxAttempts: 1 },
  stop: { type: "stop" },
  interrupt: { type: "interrupt" },
  skip: { type: "skip" },
} satisfies Record<string, TaskEvent>;

/** What comes of each event in each place; a place that isn't named stays as it is. */
const table: Record<keyof typeof events, Partial<Record<Place, string>>> = {
  queue: {
    idle: "Pending queued",
    completed: "Pending queued",
    failed: "Pending queued",
    skipped: "Pending queued",
    interrupted: "Pending queued",
  },
  dispatchAcknowledged: { queued: "Scheduled", requeued: "Scheduled" },
  dispatchLegacy: { queued: "Running", requeued: "Running" },
  accept: { scheduled: "Running" },
  acceptOld: {},
  complete: { requeued: "Completed", scheduled: "Completed", running: "Completed", stopping: "Completed" },
  completeOld: {},
  completeLegacy: {
    requeued: "Completed",
    scheduled: "Completed",
    running: "Completed",
    stopping: "Completed",
  },
  fail: { requeued: "Failed", scheduled: "Failed", running: "Failed", stopping: "Interrupted" },
  failOld: {},
  lose: { scheduled: "Pending queued", running: "Pending queued", stopping: "Interrupted" },
  loseLast: { scheduled: "Failed", running: "Failed", stopping: "Interrupted" },
  stop: {
    queued: "Interrupted",
    requeued: "Interrupted",
    scheduled: "Scheduled stopping",
    running: "Running stopping",
    stopping: "Running stopping",
  },
  interrupt: {
    idle: "Interrupted",
    queued: "Interrupted",
    requeued: "Interrupted",
    scheduled: "Interrupted",
    running: "Interrupted",
    stopping: "Interrupted",
  },
  skip: { idle: "Skipped", queued: "Skipped", requeued: "Skipped" },
};

const taskIn = (place: Place, fields: Partial<Task> = {}): Task => idleTask({ ...places[place], ...fields });

function describeTask(task: Task): string {
  return [stateName(task.state), task.queued_at && "queued", task.stopping && "stopping"]
    .filter(Boolean)
    .join(" ");
}

describe("transition", () => {
  for (const [name, event] of Object.entries(events) as [keyof typeof events, TaskEvent][]) {
    for (const place of Object.keys(places) as Place[]) {
      const expected = table[name][place];
      it(`${name} makes a ${place} task ${expected ?? "stay as it is"}`, () => {
        const before = taskIn(place);
        const copy = structuredClone(before);
        const result = transition(before, event, later);
        expect(before).toEqual(copy);
        if (expected === undefined)
          expect(result).toMatchObject({ changed: false, reason: expect.stringContaining("task t") });
        else expect(result.changed && describeTask(result.task)).toBe(expected);
      });
    }
  }

  it("numbers attempts on through reruns, so that a proplet never takes a new one for a repeated one", () => {
    let task = taskIn("completed");
    for (const event of [events.queue, events.dispatchAcknowledged]) {
      const result = transition(task, event, later);
      if (result.changed) task = result.task;
    }
    expect(task).toMatchObject({ attempt: 3, lost: 0, proplet_id: "p", boot_id: "b", start_time: later });
    expect(task).not.toHaveProperty("results");
  });

  it("leaves the choice of the proplet open again once an attempt is lost, but for a pinned task", () => {
    const free = transition(taskIn("running"), events.lose, later);
    const pinned = transition(taskIn("running", { pinned: true }), events.lose, later);
    expect(free.changed && free.task.proplet_id).toBeUndefined();
    expect(pinned.changed && pinned.task.proplet_id).toBe("p");
  });

  it("forgets the losses of a latent task once it runs again, so that restarts never use it up", () => {
    const accepted = transition(taskIn("scheduled", { latent: true, lost: 4 }), events.accept, later);
    expect(accepted.changed && accepted.task.lost).toBe(0);
    const plain = transition(taskIn("scheduled", { lost: 4 }), events.accept, later);
    expect(plain.changed && plain.task.lost).toBe(4);
  });

  it("never gives up a latent task or a daemon for its losses", () => {
    for (const kind of [{ latent: true }, { daemon: true }]) {
      const result = transition(taskIn("running", { ...kind, lost: 99 }), events.lose, later);
      expect(result.changed && describeTask(result.task)).toBe("Pending queued");
    }
  });

  it("says how many attempts were made when it gives up", () => {
    const result = transition(taskIn("running", { lost: 4 }), events.lose, later);
    expect(result.changed && result.task.error).toBe("gone; given up after 5 attempts");
  });
});
