import { expect, it } from "vitest";
import type { ChangeEvent } from "../../model/event.ts";
import type { Task } from "../../model/task.ts";
import { idleTask } from "../../model/testing/task.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { createEventLog } from "../state/event-log.ts";
import { createState } from "../state/state.ts";
import { createSchedules } from "./schedules.ts";

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const START = Date.parse("2026-03-02T09:01:00Z");

/** Schedules over `tasks`, with a clock and a timer that the test moves. */
async function schedule(tasks: Task[], { connected = true } = {}) {
  const store = openSqliteStore({ path: ":memory:" });
  await store.commit(tasks.map((task) => ({ kind: "task" as const, task })));
  let at = START;
  const now = () => new Date(at);
  const events = createEventLog(now);
  const told: ChangeEvent[] = [];
  events.follow(undefined, ({ event }) => told.push(event));
  const state = createState({ snapshot: await store.load(), store, events, log, now });
  let timer: { work: () => void; delayMs: number } | undefined;
  const schedules = createSchedules({
    state,
    log,
    now,
    connected: () => connected,
    setTimer(work, delayMs) {
      timer = { work, delayMs };
      return () => {
        timer = undefined;
      };
    },
  });
  return {
    state,
    told,
    sleepsMs: () => timer?.delayMs,
    /** The clock shows `time`, and the timer fires. */
    wakeAt(time: string) {
      at = Date.parse(time);
      timer?.work();
    },
    async close() {
      schedules.close();
      await state.saved();
      await store.close();
    },
  };
}

const every = (minutes: number, id: string, next_run: string, fields: Partial<Task> = {}) =>
  idleTask({ id, image_url: "x", schedule: `*/${minutes} * * * *`, is_recurring: true, next_run, ...fields });

it("sleeps until the next task is due, a second at most, and not at all where none is armed", async () => {
  const far = await schedule([every(5, "a", "2026-03-02T09:05:00.000Z")]);
  expect(far.sleepsMs()).toBe(1_000);
  far.wakeAt("2026-03-02T09:04:59.750Z");
  expect(far.sleepsMs()).toBe(250);
  await far.close();
  const none = await schedule([idleTask()]);
  expect(none.sleepsMs()).toBeUndefined();
  await none.close();
});

it("wakes sooner for a task that is due sooner, and forgets the timer with its last task", async () => {
  const some = await schedule([every(5, "a", "2026-03-02T09:05:00.000Z")]);
  void some.state.put(every(1, "b", "2026-03-02T09:01:00.100Z"));
  expect(some.sleepsMs()).toBe(100);
  void some.state.put(idleTask({ id: "a" }));
  void some.state.put(idleTask({ id: "b" }));
  some.wakeAt("2026-03-02T09:01:00.100Z");
  expect(some.state.tasks.get("b")?.queued_at).toBeUndefined();
  await some.close();
});

it("fires thousands that are due in the same minute, some in each turn", async () => {
  const tasks = Array.from({ length: 500 }, (_, index) => every(5, `t${index}`, "2026-03-02T09:05:00.000Z"));
  const many = await schedule(tasks);
  const queued = () =>
    [...many.state.tasks.values()].filter(({ queued_at }) => queued_at !== undefined).length;
  many.wakeAt("2026-03-02T09:05:00.010Z");
  expect(queued()).toBe(200);
  expect(many.sleepsMs()).toBe(0);
  many.wakeAt("2026-03-02T09:05:00.020Z");
  many.wakeAt("2026-03-02T09:05:00.030Z");
  expect(queued()).toBe(500);
  expect(many.sleepsMs()).toBe(1_000);
  await many.close();
});

it("leaves out what fell due while the broker was away, or the clock stood still, where a task asks for that", async () => {
  const tasks = [
    every(5, "once", "2026-03-02T09:05:00.000Z"),
    every(5, "skip", "2026-03-02T09:05:00.000Z", { catch_up: "skip" }),
  ];
  const away = await schedule(tasks, { connected: false });
  away.wakeAt("2026-03-02T09:05:00.000Z");
  expect(away.state.tasks.get("once")?.queued_at).toBeDefined();
  expect(away.state.tasks.get("skip")?.queued_at).toBeUndefined();
  await away.close();
  expect(away.told.filter(({ type }) => type === "run_skipped")).toMatchObject([
    { task_id: "skip", reason: "the broker could not be reached when it was due" },
  ]);
  const slept = await schedule(tasks);
  slept.wakeAt("2026-03-02T11:00:30.000Z");
  expect(slept.state.tasks.get("once")).toMatchObject({ next_run: "2026-03-02T11:05:00.000Z" });
  expect(slept.state.tasks.get("skip")).toMatchObject({
    skipped_runs: 1,
    next_run: "2026-03-02T11:05:00.000Z",
  });
  await slept.close();
});
