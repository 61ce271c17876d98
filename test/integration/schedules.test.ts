import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeEvent } from "../../src/model/event.ts";
import type { TaskInput } from "../../src/model/task.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { joinAs, ourFeatures } from "../support/fake-proplet.ts";
import { createInbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

const EVERY_FIVE: TaskInput = {
  name: "tick",
  image_url: "http://127.0.0.1/tick.wasm",
  schedule: "*/5 * * * *",
  is_recurring: true,
};

let rig: Rig;
let events: ReturnType<typeof createInbox<ChangeEvent>>;
/** What the manager's clock shows; it runs on from what it is set to. */
let clock: { setTo(time: string): void; now: () => Date };

function settableClock(start: string) {
  let offsetMs = Date.parse(start) - Date.now();
  return {
    setTo(time: string) {
      offsetMs = Date.parse(time) - Date.now();
    },
    now: () => new Date(Date.now() + offsetMs),
  };
}

function follow(): void {
  events = createInbox<ChangeEvent>();
  rig.manager.events.follow(undefined, ({ event }) => events.put(event));
}

beforeEach(async () => {
  clock = settableClock("2026-03-02T09:01:00Z");
  rig = await startRig({ now: clock.now, offlineThresholdMs: 1_000_000_000 });
  follow();
});
afterEach(() => rig.close());

const join = () =>
  joinAs({
    broker: rig.broker,
    topics: rig.topics,
    id: "p1",
    features: ourFeatures,
    bootId: "b",
  });
const skipped = () => events.take((event) => event.type === "run_skipped");
const told = (state: string) => events.take((event) => event.type === "task" && event.state === state);

describe("a task with a schedule", () => {
  it("runs at each time of its schedule and stays armed in between", async () => {
    const proplet = await join();
    const task = await rig.manager.tasks.create(EVERY_FIVE);
    expect(task).toMatchObject({ state: TaskState.Pending, next_run: "2026-03-02T09:05:00.000Z" });
    for (const [time, next] of [
      ["09:05", "09:10"],
      ["09:10", "09:15"],
    ]) {
      clock.setTo(`2026-03-02T${time}:00.000Z`);
      const start = await proplet.next("start");
      await proplet.accept(start);
      await proplet.finish(start, `at ${time}`);
      await told("Completed");
      expect(await rig.manager.tasks.get(task.id)).toMatchObject({
        state: TaskState.Completed,
        results: `at ${time}`,
        next_run: `2026-03-02T${next}:00.000Z`,
      });
    }
    await proplet.close();
  });

  it("fires within a second of its time", async () => {
    const proplet = await join();
    clock.setTo("2026-03-02T09:04:59.500Z");
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    await proplet.next("start");
    const { start_time = "" } = await rig.manager.tasks.get(id);
    const lateMs = Date.parse(start_time) - Date.parse("2026-03-02T09:05:00Z");
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(1_000);
    await proplet.close();
  });

  it("runs once where it doesn't recur, and has no schedule after that", async () => {
    const proplet = await join();
    const { id } = await rig.manager.tasks.create({ ...EVERY_FIVE, is_recurring: false });
    clock.setTo("2026-03-02T09:05:00Z");
    await proplet.finish(await proplet.next("start"), "1");
    await told("Completed");
    const task = await rig.manager.tasks.get(id);
    expect([task.schedule, task.next_run]).toEqual([undefined, undefined]);
    await proplet.close();
  });

  it("leaves a run out, and says so, while the one before goes on", async () => {
    const proplet = await join();
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    clock.setTo("2026-03-02T09:05:00Z");
    const start = await proplet.next("start");
    await proplet.accept(start);
    await told("Running");
    clock.setTo("2026-03-02T09:10:00Z");
    expect(await skipped()).toMatchObject({
      task_id: id,
      due_at: "2026-03-02T09:10:00.000Z",
      skipped_runs: 1,
      reason: "the run before has not ended",
    });
    await proplet.finish(start, "late");
    await told("Completed");
    expect(await rig.manager.tasks.get(id)).toMatchObject({
      attempt: 1,
      skipped_runs: 1,
      next_run: "2026-03-02T09:15:00.000Z",
    });
    await proplet.close();
  });

  it("says that it can't run where it has no module", async () => {
    const { image_url: _, ...without } = EVERY_FIVE;
    await rig.manager.tasks.create(without);
    clock.setTo("2026-03-02T09:05:00Z");
    expect(await skipped()).toMatchObject({ reason: "it has no module" });
  });

  it("stays through a stop of a run, and goes with a stop between two", async () => {
    const proplet = await join();
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    await rig.manager.tasks.start(id);
    const start = await proplet.next("start");
    await proplet.accept(start);
    await told("Running");
    expect(await rig.manager.tasks.get(id)).toMatchObject({ next_run: "2026-03-02T09:05:00.000Z" });
    await rig.manager.tasks.stop(id);
    await proplet.finish(await proplet.next("stop"), "", "stopped");
    await told("Interrupted");
    expect(await rig.manager.tasks.get(id)).toMatchObject({ next_run: "2026-03-02T09:05:00.000Z" });
    const stopped = await rig.manager.tasks.stop(id);
    expect(stopped).toMatchObject({ state: TaskState.Interrupted, schedule: "*/5 * * * *" });
    expect(stopped.next_run).toBeUndefined();
    await proplet.close();
  });

  it("that is one of a workflow runs at its own times too, once those it depends on have ended", async () => {
    const proplet = await join();
    const tasks = [
      { name: "first", image_url: "http://127.0.0.1/a.wasm" },
      { ...EVERY_FIVE, depends_on: ["first"] },
    ];
    const { id } = await rig.manager.workflows.create({ tasks });
    clock.setTo("2026-03-02T09:05:00Z");
    expect(await skipped()).toMatchObject({
      name: "tick",
      reason: "tasks that it depends on have not ended",
    });
    await rig.manager.workflows.start(id);
    await proplet.finish(await proplet.next("start"), "");
    await proplet.finish(await proplet.next("start"), "");
    clock.setTo("2026-03-02T09:10:00Z");
    expect(await proplet.next("start")).toMatchObject({ name: "tick" });
    await proplet.close();
  });

  it("follows a change of its schedule or its zone, and is disarmed by a change without one", async () => {
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    const update = (input: TaskInput) => rig.manager.tasks.update(id, input);
    expect(await update({ schedule: "30 12 * * *" })).toMatchObject({ next_run: "2026-03-02T12:30:00.000Z" });
    const inMadrid = { schedule: "30 12 * * *", timezone: "Europe/Madrid" };
    expect(await update(inMadrid)).toMatchObject({ next_run: "2026-03-02T11:30:00.000Z" });
    expect((await update({ name: "other" })).next_run).toBeUndefined();
    expect(await update(inMadrid)).toMatchObject({ next_run: "2026-03-02T11:30:00.000Z" });
    expect((await update({ schedule: "" })).next_run).toBeUndefined();
    clock.setTo("2026-03-02T11:30:00Z");
    await rig.manager.tasks.create({ ...EVERY_FIVE, schedule: "31 11 * * *", name: "after" });
    const proplet = await join();
    clock.setTo("2026-03-02T11:31:00Z");
    expect(await proplet.next("start")).toMatchObject({ name: "after" });
    await proplet.close();
    expect((await rig.manager.tasks.get(id)).queued_at).toBeUndefined();
  });

  it("is armed still when the manager comes back, and runs once for all that it missed", async () => {
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    const strict = await rig.manager.tasks.create({ ...EVERY_FIVE, name: "strict", catch_up: "skip" });
    await rig.restart(async () => clock.setTo("2026-03-02T11:02:00Z"));
    follow();
    const proplet = await join();
    expect(await proplet.next("start")).toMatchObject({ id });
    const missed = await rig.manager.tasks.get(strict.id);
    expect(missed).toMatchObject({ skipped_runs: 1, next_run: "2026-03-02T11:05:00.000Z" });
    expect(missed.queued_at).toBeUndefined();
    expect(await rig.manager.tasks.get(id)).toMatchObject({ next_run: "2026-03-02T11:05:00.000Z" });
    await proplet.close();
  });

  it("counts from the new time when the clock is set back", async () => {
    const { id } = await rig.manager.tasks.create({ ...EVERY_FIVE, schedule: "0 9 * * *" });
    expect(await rig.manager.tasks.get(id)).toMatchObject({ next_run: "2026-03-03T09:00:00.000Z" });
    await told("Pending");
    clock.setTo("2026-03-01T08:00:00Z");
    await told("Pending");
    expect(await rig.manager.tasks.get(id)).toMatchObject({ next_run: "2026-03-01T09:00:00.000Z" });
  });

  it("is forgotten when it is deleted", async () => {
    const { id } = await rig.manager.tasks.create(EVERY_FIVE);
    await rig.manager.tasks.create({ ...EVERY_FIVE, name: "other" });
    await rig.manager.tasks.delete(id);
    const proplet = await join();
    clock.setTo("2026-03-02T09:05:00Z");
    expect(await proplet.next("start")).toMatchObject({ name: "other" });
    await proplet.close();
    await expect(rig.manager.tasks.get(id)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });
});
