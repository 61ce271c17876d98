import { expect, it } from "vitest";
import { PropError } from "../../errors.ts";
import { TaskState } from "../../model/task-state.ts";
import { idleTask } from "../../model/testing/task.ts";
import { openSqliteStore } from "../../store/sqlite/store.ts";
import { createEventLog } from "./event-log.ts";
import { createState } from "./state.ts";

const now = () => new Date("2026-01-02T03:04:05.000Z");
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function open() {
  const store = openSqliteStore({ path: ":memory:" });
  const ended = ["a", "b", "c"].map((id) =>
    idleTask({ id, state: TaskState.Completed, finish_time: "2026" }),
  );
  const tasks = [...ended, idleTask({ id: "open" })];
  await store.commit(tasks.map((task) => ({ kind: "task" as const, task })));
  const state = createState({ snapshot: await store.load(), store, events: createEventLog(now), log, now });
  return { store, state, tallies: async () => [state.tally(), (await store.load()).tally] };
}

it("counts tasks by state, those that left memory included, through reruns, ends and deletions", async () => {
  const { store, state, tallies } = await open();
  expect(state.tally()).toEqual([1, 0, 0, 3, 0, 0, 0]);
  const [a, open_] = [await state.find("a"), await state.find("open")];
  if (a === undefined || open_ === undefined) throw new Error("no task");
  state.apply(a, { type: "queue" });
  state.apply(a, { type: "stop" });
  state.apply(open_, { type: "skip" });
  await state.put(idleTask({ id: "new" }));
  await state.remove("b");
  await state.remove("b");
  await state.remove("new");
  await state.put(idleTask({ id: "c", state: TaskState.Completed, finish_time: "2026", name: "renamed" }));
  await state.saved();
  const [inMemory, onDisk] = await tallies();
  expect(inMemory).toEqual([0, 0, 0, 1, 0, 1, 1]);
  expect(onDisk).toEqual(inMemory);
  await store.close();
});

it("changes no task that was deleted, but starts one that ended and left memory", async () => {
  const { store, state } = await open();
  const task = await state.find("open");
  if (task === undefined) throw new Error("no task");
  await state.remove("open");
  expect(state.apply(task, { type: "interrupt" })).toBeUndefined();
  expect(await state.find("open")).toBeUndefined();
  const ended = await state.find("a");
  if (ended === undefined) throw new Error("no task");
  expect(state.apply(ended, { type: "queue" })?.task).toMatchObject({ state: TaskState.Pending });
  await state.saved();
  await store.close();
});

it("tells nobody of a change that the store refuses, not with a later one either", async () => {
  const { store, state } = await open();
  const events = createEventLog(now);
  const told: string[] = [];
  events.follow(undefined, ({ event }) => {
    if (event.type === "task") told.push(event.task_id);
  });
  const other = createState({ snapshot: await store.load(), store, events, log, now });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(other.put(idleTask({ id: "bad", metadata: circular }))).rejects.toMatchObject({
    code: "CHANGE_REFUSED",
  });
  await other.put(idleTask({ id: "good" }));
  expect(told).toEqual(["good"]);
  expect(state.tasks.has("bad")).toBe(false);
  await store.close();
});

it("tells what changed while the store failed once it is on disk: of each task the latest, in order", async () => {
  const { store } = await open();
  let fails = true;
  const failing = {
    ...store,
    commit: (...args: Parameters<typeof store.commit>) =>
      fails
        ? Promise.reject(new PropError({ code: "STORE_FAILED", message: "disk full" }))
        : store.commit(...args),
  };
  const events = createEventLog(now);
  const told: string[] = [];
  events.follow(undefined, ({ event }) =>
    told.push("task_id" in event ? `${event.task_id} ${event.type}` : ""),
  );
  const state = createState({ snapshot: await store.load(), store: failing, events, log, now });
  for (const id of ["x", "y", "x"]) await expect(state.put(idleTask({ id }))).rejects.toThrow("disk full");
  expect(told).toEqual([]);
  fails = false;
  await state.put(idleTask({ id: "z" }));
  expect(told).toEqual(["y task", "x task", "z task"]);
});
