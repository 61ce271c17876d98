/** How a proplet is emptied: by an operator, and by its own end. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeEvent } from "../../src/model/event.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let events: Inbox<ChangeEvent>;

beforeEach(async () => {
  rig = await startRig({ acceptTimeoutMs: 60_000, offlineThresholdMs: 60_000 });
  events = rig.follow();
});
afterEach(() => rig.close());

const ours = async (id: string, options = {}) => {
  const proplet = await joinAs({
    ...{ broker: rig.broker, topics: rig.topics, id, features: ourFeatures, bootId: `${id}-1` },
    ...options,
  });
  await events.take((event) => event.type === "proplet" && event.proplet_id === id && event.alive);
  return proplet;
};
const run = (input = {}) =>
  rig.manager.tasks.create({ name: "add", file: addModule, inputs: ["1", "2"], ...input }, { start: true });
const reached = (taskId: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === taskId && event.state === state);
const drained = (id: string) =>
  events.take((event) => event.type === "proplet" && event.proplet_id === id && event.reason === "drained");
const drain = (id: string, graceMs = 60_000) => rig.manager.proplets.drain(id, { graceMs });

async function runOn(proplet: FakeProplet, input = {}) {
  const task = await run(input);
  const start = await proplet.next("start");
  await proplet.accept(start);
  await reached(task.id, "Running");
  return { task, start };
}

it("a drain ends with the proplet's part of a broadcast, before its grace time", async () => {
  const proplet = await ours("p1");
  const task = await run({ broadcast: true });
  const start = await proplet.next("start");
  await drain("p1");
  await proplet.finish(start, "1");
  await drained("p1");
  expect(await rig.manager.tasks.get(task.id)).toMatchObject({ results: { p1: "1" } });
});

describe("a cordoned proplet", () => {
  it("gets nothing new, finishes what it holds, and is remembered over a restart", async () => {
    const proplet = await ours("p1");
    const { task, start } = await runOn(proplet);
    expect(await rig.manager.proplets.cordon("p1")).toMatchObject({ cordoned: true });
    await rig.restart();
    events = rig.follow();
    const waiting = await run();
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
    expect(await rig.manager.tasks.get(waiting.id)).toMatchObject({ state: TaskState.Pending });
    expect(proplet.inbox.items.filter(({ kind }) => kind === "start")).toEqual([]);
    await rig.manager.proplets.uncordon("p1");
    expect(await proplet.next("start")).toMatchObject({ id: waiting.id });
  });

  it("that nobody knows is not found", async () => {
    await expect(rig.manager.proplets.cordon("p9")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
    await expect(drain("p9")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
  });
});

describe("a proplet that is drained", () => {
  it("is drained at once where it holds nothing, and stays cordoned", async () => {
    await ours("p1");
    await drain("p1");
    await drained("p1");
    const proplet = await rig.manager.proplets.get("p1");
    expect(proplet).toMatchObject({ cordoned: true });
    expect(proplet).not.toHaveProperty("draining");
  });

  it("finishes what runs within the grace time", async () => {
    const proplet = await ours("p1");
    const { task, start } = await runOn(proplet);
    expect(await drain("p1")).toMatchObject({ cordoned: true, draining: true });
    await proplet.finish(start, "3");
    await drained("p1");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Completed, attempt: 1 });
  });

  it("is told to stop what runs on, which starts elsewhere and has lost no attempt", async () => {
    const proplet = await ours("p1");
    const { task, start } = await runOn(proplet, { max_attempts: 1 });
    const other = await ours("p2");
    await drain("p1", 10);
    expect(await proplet.next("stop")).toMatchObject({ id: task.id, attempt: 1 });
    const again = await other.next("start");
    expect(again).toMatchObject({ id: task.id, attempt: 2 });
    await proplet.finish(start, "", "task stopped");
    await other.finish(again, "3");
    await reached(task.id, "Completed");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ lost: 0, results: "3" });
    expect(await rig.manager.tasks.attempts(task.id)).toMatchObject([
      { attempt: 1, proplet_id: "p1", outcome: "released", reason: "proplet p1 is drained" },
      { attempt: 2, proplet_id: "p2", outcome: "completed" },
    ]);
  });

  it("gives daemons away at once", async () => {
    const proplet = await ours("p1");
    const { task } = await runOn(proplet, { daemon: true });
    const other = await ours("p2");
    await drain("p1");
    expect(await other.next("start")).toMatchObject({ id: task.id, attempt: 2 });
    await drained("p1");
  });

  it("keeps what is pinned to it for the grace time; then that waits for it", async () => {
    const proplet = await ours("p1");
    const { task } = await runOn(proplet, { proplet_id: "p1", daemon: true });
    await ours("p2");
    await drain("p1", 20);
    await drained("p1");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({
      state: TaskState.Pending,
      proplet_id: "p1",
    });
    await rig.manager.proplets.uncordon("p1");
    expect(await proplet.next("start")).toMatchObject({ id: task.id, attempt: 2 });
  });

  it("goes on being drained by the manager that comes after", async () => {
    const proplet = await ours("p1");
    const { start } = await runOn(proplet);
    await drain("p1");
    await rig.restart();
    events = rig.follow();
    await proplet.finish(start, "3");
    await drained("p1");
  });

  it("holds a function until it is ready elsewhere: each invocation is answered", async () => {
    const proplet = await ours("p1");
    const deployed = rig.manager.functions.deploy("add", { file: addModule });
    await proplet.accept(await proplet.next("start"));
    await deployed;
    const other = await ours("p2");
    await drain("p1");
    const start = await other.next("start");
    const early = rig.manager.functions.invoke("add", {});
    const { invocation_id } = await proplet.next("invoke");
    await other.accept(start);
    const { task_id } = await rig.manager.functions.get("add").then(async (record) => record);
    await proplet.send("invokeResults", {
      task_id,
      invocation_id,
      proplet_id: "p1",
      results: "5",
      error: "",
    });
    expect(await early).toBe("5");
    await drained("p1");
    const late = rig.manager.functions.invoke("add", {});
    const second = await other.next("invoke");
    await other.send("invokeResults", {
      ...{ task_id: second.id, invocation_id: second.invocation_id, proplet_id: "p2" },
      ...{ results: "6", error: "" },
    });
    expect(await late).toBe("6");
    expect(await rig.manager.functions.get("add")).toMatchObject({ revision: 1 });
  });
});

describe("a proplet that says that it is on its way out", () => {
  it("gets nothing new, and what it hasn't taken yet goes elsewhere at once", async () => {
    const proplet = await ours("p1");
    const task = await run();
    await proplet.next("start");
    const other = await ours("p2");
    await proplet.beat({ draining: true });
    expect(await other.next("start")).toMatchObject({ id: task.id, attempt: 2 });
    const next = await run();
    expect(await other.next("start")).toMatchObject({ id: next.id });
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ lost: 0 });
  });

  it("hands back what it doesn't finish: another one has it at once, and nothing is lost", async () => {
    const proplet = await ours("p1");
    const { task, start } = await runOn(proplet);
    const other = await ours("p2");
    await proplet.beat({ draining: true });
    await proplet.handBack(start);
    await proplet.offline();
    expect(await other.next("start")).toMatchObject({ id: task.id, attempt: 2 });
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ lost: 0 });
    expect(await proplet.next("received")).toMatchObject({ task_id: task.id, attempt: 1 });
  });

  it("works again once it is back with another boot", async () => {
    const proplet = await ours("p1");
    await proplet.beat({ draining: true });
    await proplet.offline();
    const task = await run();
    const again = await ours("p1", { bootId: "p1-2" });
    expect(await again.next("start")).toMatchObject({ id: task.id });
    expect(await rig.manager.proplets.get("p1")).not.toHaveProperty("leaving");
  });

  it("while it is cordoned shows both, and is still cordoned, and no more, once it is back", async () => {
    const proplet = await ours("p1");
    await rig.manager.proplets.cordon("p1");
    await proplet.beat({ draining: true });
    await expect.poll(() => rig.manager.proplets.get("p1")).toMatchObject({ cordoned: true, leaving: true });
    await rig.restart();
    events = rig.follow();
    expect(await rig.manager.proplets.get("p1")).not.toHaveProperty("draining");
    const { broker, topics } = rig;
    await joinAs({ broker, topics, id: "p1", features: ourFeatures, bootId: "p1-2" });
    await expect.poll(() => rig.manager.proplets.get("p1")).not.toHaveProperty("leaving");
    expect(await rig.manager.proplets.get("p1")).toMatchObject({ cordoned: true, alive: true });
    await rig.manager.proplets.uncordon("p1");
    expect(await rig.manager.proplets.get("p1")).not.toHaveProperty("cordoned");
  });

  it("goes on with a drain that an operator began before it left", async () => {
    const proplet = await ours("p1");
    const { task, start } = await runOn(proplet);
    await drain("p1");
    await proplet.beat({ draining: true });
    await proplet.finish(start, "3");
    await drained("p1");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Completed });
    const empty = await rig.manager.proplets.get("p1");
    expect(empty).toMatchObject({ cordoned: true, leaving: true });
    expect(empty).not.toHaveProperty("draining");
  });
});
