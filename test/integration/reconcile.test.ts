/** What a manager makes of what its proplets say that they hold. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeEvent } from "../../src/model/event.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { addModule } from "../support/add-module.ts";
import { joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let events: Inbox<ChangeEvent>;

beforeEach(async () => {
  rig = await startRig({ acceptTimeoutMs: 50, offlineThresholdMs: 60_000 });
  events = rig.follow();
});
afterEach(() => rig.close());

const ours = (id: string, options = {}) =>
  joinAs({
    broker: rig.broker,
    topics: rig.topics,
    id,
    features: ourFeatures,
    bootId: `${id}-1`,
    ...options,
  });
const run = (input = {}) =>
  rig.manager.tasks.create({ name: "add", file: addModule, inputs: ["1", "2"], ...input }, { start: true });
const reached = (taskId: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === taskId && event.state === state);
const queuedAnew = (taskId: string) =>
  events.take(
    (event) =>
      event.type === "task" && event.task_id === taskId && event.state === "Pending" && event.attempt > 0,
  );
const alive = (id: string) =>
  events.take((event) => event.type === "proplet" && event.proplet_id === id && event.alive);

/** A proplet that runs a task. */
async function running(id = "p1", input = {}) {
  const proplet = await ours(id);
  const task = await run(input);
  const start = await proplet.next("start");
  await proplet.accept(start);
  await reached(task.id, "Running");
  return { proplet, task, start };
}

describe("a proplet that introduces itself anew in the same boot", () => {
  it("keeps a task that it holds", async () => {
    const { proplet, task, start } = await running();
    await proplet.discover({ held: [{ task_id: task.id, attempt: 1 }] });
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
    expect(proplet.inbox.items.filter(({ kind }) => kind === "start" || kind === "stop")).toEqual([]);
  });

  it("is asked for a task that it doesn't hold, and its answer counts", async () => {
    const { proplet, task } = await running();
    await proplet.discover({ held: [] });
    const again = await proplet.next("start");
    expect(again).toMatchObject({ id: task.id, attempt: 1 });
    await proplet.finish(again, "3");
    expect(await reached(task.id, "Completed")).toMatchObject({ results: "3", attempt: 1 });
  });

  it("may take it up where it never heard of it, and nothing is lost by that", async () => {
    const { proplet, task } = await running();
    await proplet.discover({ held: [] });
    await proplet.accept(await proplet.next("start"));
    await proplet.discover({ held: [{ task_id: task.id, attempt: 1 }] });
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Running, lost: 0 });
  });

  it("loses it where it has no answer", async () => {
    const { proplet, task } = await running();
    const other = await ours("p2");
    await proplet.discover({ held: [] });
    expect(await queuedAnew(task.id)).toMatchObject({
      reason: "proplet p1 doesn't hold it any more",
    });
    await proplet.offline();
    expect(await other.next("start")).toMatchObject({ id: task.id, attempt: 2 });
  });

  it("is told to stop what runs elsewhere now, and what is deleted", async () => {
    const { proplet, task } = await running();
    const other = await ours("p2");
    await proplet.offline();
    await other.accept(await other.next("start"));
    const gone = { task_id: "7d4f7c0e-4f5b-4b7e-8f55-0f4f3c1d2a10", attempt: 3 };
    await proplet.discover({ held: [{ task_id: task.id, attempt: 1 }, gone] });
    expect(await proplet.next("stop")).toMatchObject({ id: task.id, attempt: 1 });
    expect(await proplet.next("stop")).toMatchObject({ id: gone.task_id, attempt: 3 });
    await proplet.finish({ id: task.id, attempt: 1 }, "", "task stopped");
    await proplet.next("received");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Running, attempt: 2 });
  });

  it("goes on with what was given up, where nobody else has begun it", async () => {
    const { proplet, task } = await running("p1", { proplet_id: "p1" });
    await proplet.offline();
    await queuedAnew(task.id);
    await proplet.discover({ held: [{ task_id: task.id, attempt: 1 }] });
    const again = await proplet.next("start");
    expect(again).toMatchObject({ id: task.id });
    if (again.attempt === 1) await proplet.accept(again);
    await reached(task.id, "Running");
  });
});

describe("a heartbeat of one of ours", () => {
  it("that the manager knows nothing of is answered by asking who it is, not by taking it for a legacy one", async () => {
    const proplet = await ours("p1");
    await alive("p1");
    await rig.manager.proplets.delete("p1");
    await proplet.beat();
    expect(await proplet.next("announce")).toMatchObject({ proplet_id: "p1" });
    await expect(rig.manager.proplets.get("p1")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
    await proplet.discover();
    const task = await run();
    expect(await proplet.next("start")).toMatchObject({ id: task.id, attempt: 1 });
    expect(await rig.manager.proplets.get("p1")).toMatchObject({
      features: ourFeatures,
      capacity: { slots: 4 },
    });
  });

  it("that was taken for gone asks what it holds, and stops what moved meanwhile", async () => {
    const { proplet, task } = await running("p1", { daemon: true });
    const other = await ours("p2");
    await proplet.offline();
    await other.accept(await other.next("start"));
    await proplet.beat();
    await proplet.next("announce");
    await proplet.discover({ held: [{ task_id: task.id, attempt: 1 }] });
    expect(await proplet.next("stop")).toMatchObject({ id: task.id, attempt: 1 });
  });
});

describe("a lost attempt", () => {
  it("that fails late doesn't fail the task that waits anew", async () => {
    const { proplet, task, start } = await running();
    await proplet.offline();
    await queuedAnew(task.id);
    await proplet.finish(start, "", "task stopped");
    await proplet.next("received");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Pending });
    expect(await rig.manager.tasks.attempts(task.id)).toMatchObject([
      { attempt: 1, outcome: "superseded", reason: expect.stringContaining("it ended later: task stopped") },
    ]);
  });

  it("is told with all others, and why, where the task is given up", async () => {
    const proplet = await ours("p1");
    const task = await run({ max_attempts: 2 });
    await proplet.next("start");
    await proplet.offline();
    await queuedAnew(task.id);
    await proplet.discover({ boot_id: "p1-2" });
    await proplet.next("start");
    await proplet.discover({ boot_id: "p1-3" });
    const { error } = await reached(task.id, "Failed").then((event) => ({ error: "", ...event }));
    expect(error).toBe("given up after 2 attempts: proplet p1 said that it is gone; proplet p1 restarted");
    expect(await rig.manager.tasks.attempts(task.id)).toMatchObject([
      { attempt: 1, outcome: "lost" },
      { attempt: 2, outcome: "lost" },
    ]);
  });
});

it("a stop that its manager was too late to send goes out when the manager is back", async () => {
  const { proplet, task } = await running();
  const { commit } = rig.store;
  const saved = Promise.withResolvers<void>();
  rig.store.commit = async (changes, options) => {
    await commit(changes, options);
    // On disk, and the process ends before it says so.
    if (changes.some((change) => change.kind === "task" && change.task.stopping)) {
      saved.resolve();
      await new Promise(() => undefined);
    }
  };
  void rig.manager.tasks.stop(task.id);
  await saved.promise;
  rig.store.commit = commit;
  await rig.restart();
  expect(await proplet.next("stop")).toMatchObject({ id: task.id, attempt: 1 });
});
