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
  requeued: { state: TaskState.Pending, queued_at: at, attempt: 2, lost: 1, start_time: at, given_to: "p" },
  rerun: { state: TaskState.Pending, queued_at: at, attempt: 2 },
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
  completeOfAnother: { type: "complete", attempt: 2, propletId: "q", results: "7" },
  completeLegacy: { type: "complete", results: "7" },
  fail: { type: "fail", attempt: 2, error: "boom" },
  failOld: { type: "fail", attempt: 1, error: "boom" },
  lose: { type: "lose", cause: "gone", reason: "gone", maxAttempts: 5 },
  release: { type: "release", reason: "drained" },
  releaseOld: { type: "release", reason: "drained", attempt: 1 },
  releaseOfAnother: { type: "release", reason: "handed back", attempt: 2, propletId: "q" },
  regain: { type: "regain", propletId: "p", attempt: 2, bootId: "b" },
  regainOld: { type: "regain", propletId: "p", attempt: 1 },
  regainOfAnother: { type: "regain", propletId: "q", attempt: 2 },
  loseLast: { type: "lose", cause: "gone", reason: "gone", maxAttempts: 1 },
  stop: { type: "stop" },
  interrupt: { type: "interrupt" },
  skip: { type: "skip" },
  reset: { type: "reset" },
  refuse: { type: "refuse", error: "no module" },
  broadcast: { type: "broadcast", propletIds: ["p", "q"] },
  broadcastToNone: { type: "broadcast", propletIds: [] },
  due: { type: "due", nextRun: later, passOver: false },
  duePassedOver: { type: "due", nextRun: later, passOver: true },
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
  dispatchAcknowledged: { queued: "Scheduled", requeued: "Scheduled", rerun: "Scheduled" },
  dispatchLegacy: { queued: "Running", requeued: "Running", rerun: "Running" },
  accept: { scheduled: "Running" },
  acceptOld: {},
  complete: { requeued: "Completed", scheduled: "Completed", running: "Completed", stopping: "Completed" },
  completeOld: {},
  completeOfAnother: {},
  releaseOfAnother: {},
  completeLegacy: {
    requeued: "Completed",
    scheduled: "Completed",
    running: "Completed",
    stopping: "Completed",
  },
  fail: { scheduled: "Failed", running: "Failed", stopping: "Interrupted" },
  failOld: {},
  lose: { scheduled: "Pending queued", running: "Pending queued", stopping: "Interrupted" },
  release: { scheduled: "Pending queued", running: "Pending queued", stopping: "Interrupted" },
  releaseOld: {},
  regain: { requeued: "Scheduled" },
  regainOld: {},
  regainOfAnother: {},
  loseLast: { scheduled: "Failed", running: "Failed", stopping: "Interrupted" },
  stop: {
    queued: "Interrupted",
    requeued: "Interrupted",
    rerun: "Interrupted",
    scheduled: "Scheduled stopping",
    running: "Running stopping",
    stopping: "Running stopping",
  },
  interrupt: {
    idle: "Interrupted",
    queued: "Interrupted",
    requeued: "Interrupted",
    rerun: "Interrupted",
    scheduled: "Interrupted",
    running: "Interrupted",
    stopping: "Interrupted",
  },
  skip: { idle: "Skipped", queued: "Skipped", requeued: "Skipped", rerun: "Skipped" },
  reset: { completed: "Pending", failed: "Pending", skipped: "Pending", interrupted: "Pending" },
  refuse: { idle: "Failed", queued: "Failed", requeued: "Failed", rerun: "Failed" },
  broadcast: { queued: "Running", requeued: "Running", rerun: "Running" },
  broadcastToNone: {},
  due: {
    idle: "Pending queued",
    queued: "Pending queued",
    requeued: "Pending queued",
    rerun: "Pending queued",
    scheduled: "Scheduled",
    running: "Running",
    stopping: "Running stopping",
    completed: "Pending queued",
    failed: "Pending queued",
    skipped: "Pending queued",
    interrupted: "Pending queued",
  },
  duePassedOver: {
    idle: "Pending",
    queued: "Pending queued",
    requeued: "Pending queued",
    rerun: "Pending queued",
    scheduled: "Scheduled",
    running: "Running",
    stopping: "Running stopping",
    completed: "Completed",
    failed: "Failed",
    skipped: "Skipped",
    interrupted: "Interrupted",
  },
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

  it("arms a schedule anew when it is due, counts a run that doesn't come, and forgets a schedule that has run out", () => {
    const armed = { schedule: "0 9 * * *", next_run: at };
    const ran = transition(taskIn("completed", armed), events.due, later);
    expect(ran.changed && ran.task).toMatchObject({ ...armed, next_run: later, queued_at: later });
    expect(ran.changed && ran.task).not.toHaveProperty("skipped_runs");
    const busy = transition(taskIn("running", { ...armed, skipped_runs: 2 }), events.due, later);
    expect(busy.changed && busy.task).toMatchObject({ next_run: later, skipped_runs: 3 });
    const last = transition(taskIn("idle", armed), { type: "due", passOver: false }, later);
    expect(last.changed && [last.task.schedule, last.task.next_run]).toEqual([undefined, undefined]);
  });

  it("stops a schedule between two runs, and leaves it when it stops a run", () => {
    const idle = transition(taskIn("completed", { next_run: later }), events.stop, later);
    expect(idle.changed && describeTask(idle.task)).toBe("Interrupted");
    expect(idle.changed && idle.task.next_run).toBeUndefined();
    const busy = transition(taskIn("running", { next_run: later }), events.stop, later);
    expect(busy.changed && busy.task).toMatchObject({ stopping: true, next_run: later });
  });

  it("says how many attempts were made when it gives up", () => {
    const losses = ["deaf", "gone", "gone", "gone"];
    const result = transition(taskIn("running", { lost: 4, losses }), events.lose, later);
    expect(result.changed && result.task.error).toBe("given up after 5 attempts: deaf; gone (4 times)");
  });

  it("lets a task's own number of attempts go before the manager's", () => {
    const patient = transition(taskIn("running", { lost: 4, max_attempts: 6 }), events.lose, later);
    expect(patient.changed && describeTask(patient.task)).toBe("Pending queued");
    const hasty = transition(taskIn("running", { max_attempts: 1 }), events.lose, later);
    expect(hasty.changed && hasty.task.error).toBe("given up after 1 attempt: gone");
  });

  it("counts no loss for an attempt that was handed back, nor for one that is regained", () => {
    const released = transition(taskIn("running", { lost: 1 }), events.release, later);
    expect(released.changed && released.task).toMatchObject({ lost: 1, attempt: 2 });
    const regained = transition(taskIn("requeued"), events.regain, later);
    expect(regained.changed && regained.task).toMatchObject({
      lost: 0,
      attempt: 2,
      proplet_id: "p",
      boot_id: "b",
    });
  });
});
