import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRetention, type RetentionOptions } from "../../src/manager/retention.ts";
import { createEventLog } from "../../src/manager/state/event-log.ts";
import { createState, type State } from "../../src/manager/state/state.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import type { Task } from "../../src/model/task.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { idleTask } from "../../src/model/testing/task.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Change, Store } from "../../src/store/store.ts";
import { createInbox } from "../support/inbox.ts";
import { silentLog, startRig } from "../support/rig.ts";

const now = () => new Date("2026-03-10T00:00:00.000Z");
const DAY_MS = 86_400_000;
const day = (number: number) => `2026-03-${String(number).padStart(2, "0")}T00:00:00.000Z`;
const bytes = new Uint8Array([1, 2, 3]);
const module = { digest: "sha256:1", sizeBytes: 3, preview: "" };

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "prop-retention-"));
  store = openSqliteStore({ path: join(directory, "prop.db") });
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const ended = (id: string, finish_time: string, fields: Partial<Task> = {}): Change => ({
  kind: "task",
  task: idleTask({ id, state: TaskState.Completed, finish_time, ...fields }),
});
const ids = async () => (await store.tasks({ offset: 0, limit: 1_000 })).items.map(({ id }) => id).toSorted();

/** One round of retention over what the store holds, without waiting for its timer. */
async function oneRound(options: RetentionOptions, meanwhile: (state: State) => void = () => {}) {
  const events = createEventLog(now);
  const state = createState({ snapshot: await store.load(), store, events, log: silentLog, now });
  const told: ChangeEvent[] = [];
  events.follow(undefined, ({ event }) => told.push(event));
  const delays: number[] = [];
  let work: (() => void) | undefined;
  const setTimer = (next: () => void, delayMs: number) => {
    work = next;
    delays.push(delayMs);
    armed.put(delayMs);
    return () => {
      work = undefined;
    };
  };
  const armed = createInbox<number>();
  const retention = createRetention({ ...options, state, store, events, log: silentLog, now, setTimer });
  await armed.take(() => true);
  work?.();
  meanwhile(state);
  const nextInMs = await armed.take(() => true);
  await retention.close();
  return { told, state, nextInMs };
}

describe("retention", () => {
  it("deletes tasks that ended too long ago, with all that belongs to them", async () => {
    await store.commit([
      { kind: "module", digest: module.digest, bytes },
      ended("old", day(2), { module }),
      { kind: "attempt", attempt: { task_id: "old", attempt: 1, proplet_id: "p", dispatched_at: "" } },
      { kind: "taskMetrics", metrics: { task_id: "old", proplet_id: "p", metrics: {} }, at: day(9) },
      ended("young", day(8)),
      ended("failed", day(1), { state: TaskState.Failed }),
    ]);
    const { told, state, nextInMs } = await oneRound({ retainForMs: 5 * DAY_MS, retainTasks: 0 });
    expect(await ids()).toEqual(["young"]);
    expect(await store.attempts("old")).toEqual([]);
    expect((await store.taskMetrics("old", { offset: 0, limit: 1 })).total).toBe(0);
    expect(await store.module(module.digest)).toBeUndefined();
    expect(told).toEqual([{ type: "pruned", tasks: 2, jobs: 0, workflows: 0 }]);
    expect(state.tally()).toEqual((await store.load()).tally);
    // The next one is due in three days; it looks once an hour at the latest.
    expect(nextInMs).toBe(3_600_000);
  });

  it("deletes what is more than is kept, oldest end first", async () => {
    const order = [3, 1, 5, 2, 4];
    await store.commit(order.map((number) => ended(`d${number}`, day(number))));
    const { state } = await oneRound({ retainForMs: 0, retainTasks: 2 });
    expect(await ids()).toEqual(["d4", "d5"]);
    expect(state.tally()).toEqual([0, 0, 0, 2, 0, 0, 0]);
  });

  it("never deletes a task that is open, armed, a function's, or started again just now", async () => {
    await store.commit([
      { kind: "task", task: idleTask({ id: "open" }) },
      ended("armed", day(1), { schedule: "0 9 * * *", next_run: day(20) }),
      ended("function", day(1), { latent: true, state: TaskState.Interrupted }),
      {
        kind: "function",
        record: { name: "f", revision: 1, task_id: "function", created_at: "", updated_at: "" },
      },
      ended("again", day(1)),
      ended("gone", day(1)),
    ]);
    const again = await store.task("again");
    await oneRound({ retainForMs: DAY_MS, retainTasks: 1 }, (state) => {
      if (again !== undefined) state.apply(again, { type: "queue" });
    });
    expect(await ids()).toEqual(["again", "armed", "function", "open"]);
  });

  it("deletes a job as one, a while after its last task ended, and none that has an open task", async () => {
    const job = (id: string): Change => ({
      kind: "job",
      job: { id, name: id, execution_mode: "parallel", task_ids: [], created_at: day(1) },
    });
    const workflow: Change = { kind: "workflow", workflow: { id: "w", task_ids: [], created_at: day(1) } };
    await store.commit([
      ...["over", "open", "recent"].map(job),
      workflow,
      ...Array.from({ length: 250 }, (_, index) =>
        ended(`over${index}`, day(1 + (index % 3)), { job_id: "over" }),
      ),
      ended("open1", day(1), { job_id: "open" }),
      { kind: "task", task: idleTask({ id: "open2", job_id: "open" }) },
      ended("recent1", day(1), { job_id: "recent" }),
      ended("recent2", day(9), { job_id: "recent" }),
      ended("w1", day(2), { workflow_id: "w" }),
      ended("w2", day(2), { workflow_id: "w", state: TaskState.Skipped }),
    ]);
    const { told } = await oneRound({ retainForMs: 5 * DAY_MS, retainTasks: 0 });
    expect(await ids()).toEqual(["open1", "open2", "recent1", "recent2"]);
    expect((await store.jobs({ offset: 0, limit: 10 })).items.map(({ id }) => id).toSorted()).toEqual([
      "open",
      "recent",
    ]);
    expect(await store.workflow("w")).toBeUndefined();
    expect(told).toEqual([{ type: "pruned", tasks: 252, jobs: 1, workflows: 1 }]);
  });

  it("looks past what it may not delete", async () => {
    const job: Change = {
      kind: "job",
      job: { id: "j", name: "j", execution_mode: "parallel", task_ids: [], created_at: day(1) },
    };
    await store.commit([
      job,
      { kind: "task", task: idleTask({ id: "open", job_id: "j" }) },
      ...Array.from({ length: 300 }, (_, index) => ended(`j${index}`, day(1), { job_id: "j" })),
      ended("old", day(2)),
      ended("new", day(3)),
    ]);
    await oneRound({ retainForMs: 0, retainTasks: 301 });
    expect(await store.task("old")).toBeUndefined();
    expect(await store.task("new")).toBeDefined();
  });

  it("keeps the loop free while it deletes thousands", async () => {
    await store.commit(Array.from({ length: 5_000 }, (_, index) => ended(`t${index}`, day(1))));
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await oneRound({ retainForMs: DAY_MS, retainTasks: 0 });
    clearImmediate(counting);
    expect(await ids()).toEqual([]);
    expect(turns).toBeGreaterThanOrEqual(50);
  });

  it("is what a manager does by itself, after a start and after a task that ends", async () => {
    const rig = await startRig({ retainForMs: 0, retainTasks: 2 });
    const path = join(rig.directory, "prop.db");
    await rig.restart(async () => {
      const before = openSqliteStore({ path });
      await before.commit(Array.from({ length: 5 }, (_, index) => ended(`t${index}`, day(index + 1))));
      await before.close();
    });
    const pruned = createInbox<ChangeEvent>();
    rig.manager.events.follow(undefined, ({ event }) => pruned.put(event));
    const take = () => pruned.take((event) => event.type === "pruned");
    expect(await take()).toMatchObject({ tasks: 3 });
    const { id } = await rig.manager.tasks.create({ name: "x", image_url: "x" }, { start: true });
    await rig.manager.tasks.stop(id);
    expect(await take()).toMatchObject({ tasks: 1 });
    const { items } = await rig.manager.tasks.list({ offset: 0, limit: 10 });
    expect(items.map((task) => task.id)).toEqual(["t4", id]);
    await rig.close();
  });
});
