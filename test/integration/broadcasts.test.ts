import { afterEach, describe, expect, it } from "vitest";
import type { ChangeEvent } from "../../src/model/event.ts";
import type { Task, TaskInput } from "../../src/model/task.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let events: Inbox<ChangeEvent>;
async function begin(options: Parameters<typeof startRig>[0] = {}) {
  rig = await startRig(options);
  events = rig.follow();
}
afterEach(() => rig.close());

async function join(id: string, features: string[] = []): Promise<FakeProplet> {
  const proplet = await joinAs({ broker: rig.broker, topics: rig.topics, id, features, bootId: `${id}-1` });
  await events.take((event) => event.type === "proplet" && event.alive && event.proplet_id === id);
  return proplet;
}
const start = (fields: Partial<TaskInput> = {}) =>
  rig.manager.tasks.create({ name: "add", file: addModule, broadcast: true, ...fields }, { start: true });
const becomes = (task: Task, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === task.id && event.state === state);
const now = (task: Task) => rig.manager.tasks.get(task.id);
const starts = (proplet: FakeProplet) => proplet.inbox.items.filter(({ kind }) => kind === "start");

describe("a broadcast task", () => {
  it("goes to legacy proplets in one message, and ends when all have answered", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b")];
    const task = await start();
    const message = await a.next("start");
    expect(message).toMatchObject({ broadcast: true, id: task.id });
    expect(message).not.toHaveProperty("proplet_id");
    await a.finish(message, "1");
    await b.finish(await b.next("start"), "2");
    await becomes(task, "Completed");
    expect((await now(task)).results).toEqual({ a: "1", b: "2" });
    expect([...starts(a), ...starts(b)]).toEqual([]);
  });

  it("is Failed once any has failed, naming those, and keeps what the others answered", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b")];
    const task = await start();
    await a.finish(await a.next("start"), "", "wasm trap");
    await b.finish(await b.next("start"), "2");
    await becomes(task, "Failed");
    expect(await now(task)).toMatchObject({
      error: "failed on 1 of 2 proplets: a: wasm trap",
      results: { b: "2" },
    });
  });

  it("that is latent stays ready at each, and is invoked at one of those that live", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b", ourFeatures)];
    const task = await start({ latent: true });
    await a.finish(await a.next("start"), "");
    await b.accept(await b.next("start"));
    await b.offline();
    await events.take((event) => event.type === "proplet" && !event.alive && event.proplet_id === "b");
    const invoked = rig.manager.tasks.invoke(task.id, { inputs: [1, 2] });
    const message = await a.next("invoke");
    expect(message).toMatchObject({ id: task.id, proplet_id: "a", inputs: ["1", "2"] });
    const { invocation_id } = message;
    await a.send("invokeResults", {
      task_id: task.id,
      invocation_id,
      proplet_id: "a",
      results: "3",
      error: "",
    });
    expect(await invoked).toBe("3");
    expect(await now(task)).toMatchObject({ state: TaskState.Running, answers: { a: null } });
  });

  it("addresses each by itself in a mixed fleet, so that none runs it twice", async () => {
    await begin();
    const [legacy, ours] = [await join("legacy"), await join("ours", ourFeatures)];
    const task = await start();
    const direct = await ours.next("start");
    const shared = await legacy.next("start");
    expect(direct).toMatchObject({ broadcast: false, attempt: 1, digest: expect.any(String) });
    expect(shared).toMatchObject({ broadcast: false, proplet_id: "legacy", file: addModule });
    await ours.accept(direct);
    expect((await now(task)).answers).toEqual({ legacy: null, ours: null });
    await ours.finish(direct, "1");
    await ours.next("received");
    await legacy.finish(shared, "2");
    await becomes(task, "Completed");
    expect(starts(ours)).toEqual([]);
  });

  it("leaves out cordoned proplets and those its placement doesn't describe", async () => {
    await begin();
    const [a, b, c] = [
      await join("a", ourFeatures),
      await join("b", ourFeatures),
      await join("c", ourFeatures),
    ];
    await rig.manager.proplets.declare("a", { tags: ["lab"] });
    await rig.manager.proplets.declare("b", { tags: ["lab"] });
    await rig.manager.proplets.cordon("b");
    const task = await start({ placement: { tags: ["lab"] } });
    await a.finish(await a.next("start"), "1");
    await becomes(task, "Completed");
    expect((await now(task)).results).toEqual({ a: "1" });
    expect([...starts(b), ...starts(c)]).toEqual([]);
  });

  it("waits for the first proplet where none is alive", async () => {
    await begin();
    const task = await start();
    expect(await now(task)).toMatchObject({ state: 0, queued_at: expect.any(String) });
    const late = await join("late");
    await late.finish(await late.next("start"), "1");
    await becomes(task, "Completed");
  });

  it("counts a proplet that is gone as an answer of its own, and touches no other", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b")];
    const task = await start();
    await b.next("start");
    await b.offline();
    await events.take((event) => event.type === "proplet" && !event.alive);
    await a.finish(await a.next("start"), "1");
    await becomes(task, "Failed");
    expect((await now(task)).error).toContain("failed on 1 of 2 proplets: b: proplet b said that it is gone");
  });

  it("counts one that never accepts as failed", async () => {
    await begin({ acceptTimeoutMs: 30 });
    const mute = await join("mute", ourFeatures);
    const task = await start();
    await mute.next("start");
    await mute.next("start");
    await becomes(task, "Failed");
    expect((await now(task)).error).toContain("mute: did not accept it in 0.06 s");
  });

  it("that is deleted before it was accepted doesn't come back", async () => {
    await begin({ acceptTimeoutMs: 30 });
    const mute = await join("mute", ourFeatures);
    const task = await start();
    await mute.next("start");
    await mute.next("start");
    await rig.manager.tasks.delete(task.id);
    await becomes(await start(), "Failed");
    await expect(now(task)).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("goes to one proplet alone where it is changed to be none while it waits", async () => {
    await begin();
    const task = await start();
    await rig.manager.tasks.update(task.id, { broadcast: false });
    const a = await join("a");
    const message = await a.next("start");
    expect(message).toMatchObject({ broadcast: false, proplet_id: "a" });
    await a.finish(message, "1");
    await becomes(task, "Completed");
    expect((await now(task)).results).toBe("1");
  });

  it("holds a slot of each proplet that has not answered", async () => {
    await begin();
    const [a] = [await join("a"), await join("b")];
    const task = await start();
    await a.finish(await a.next("start"), "1");
    await events.take(
      (event) => event.type === "task" && event.task_id === task.id && event.state === "Running",
    );
    await expect(rig.manager.proplets.delete("b")).rejects.toMatchObject({ code: "PROPLET_BUSY" });
    await rig.manager.tasks.stop(task.id);
    await becomes(task, "Interrupted");
    expect(rig.manager.proplets.taskCount("b")).toBe(0);
  });

  it("is stopped everywhere, and Interrupted once those that confirm have", async () => {
    await begin();
    const [legacy, ours] = [await join("legacy"), await join("ours", ourFeatures)];
    const task = await start({ daemon: true });
    const direct = await ours.next("start");
    await ours.accept(direct);
    await rig.manager.tasks.stop(task.id);
    expect(await legacy.next("stop")).toMatchObject({ id: task.id, proplet_id: "legacy" });
    await ours.next("stop");
    expect(await now(task)).toMatchObject({ state: 2, stopping: true });
    await ours.finish(direct, "", "task stopped");
    await becomes(task, "Interrupted");
  });

  it("is stopped by one message where only legacy proplets have it", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b")];
    const task = await start({ daemon: true });
    await rig.manager.tasks.stop(task.id);
    const message = await a.next("stop");
    expect(message).toEqual({ kind: "stop", id: task.id, broadcast: true });
    expect(await b.next("stop")).toEqual(message);
    await becomes(task, "Interrupted");
  });

  it("takes a result without a name for that of a proplet that has not answered", async () => {
    await begin();
    const [a, b] = [await join("a"), await join("b")];
    const task = await start();
    const { id } = await a.next("start");
    await b.finish(await b.next("start"), "2");
    await a.send("results", { task_id: id, results: "1" });
    await becomes(task, "Completed");
    expect((await now(task)).results).toEqual({ a: "1", b: "2" });
  });

  it("takes the answers of many at once, and keeps those that it gathered when the manager ends", async () => {
    await begin();
    const ids = Array.from({ length: 150 }, (_, index) => `p${index}`);
    const proplets = await Promise.all(ids.map((id) => join(id, ourFeatures)));
    const task = await start();
    const begun = await Promise.all(proplets.map((proplet) => proplet.next("start")));
    const answerOf = (index: number) => proplets[index]?.finish(begun[index] ?? {}, `${index}`);
    await Promise.all(ids.slice(0, 100).map((_, index) => answerOf(index)));
    await rig.restart();
    events = rig.follow();
    await Promise.all(ids.map((_, index) => answerOf(index)));
    await becomes(task, "Completed");
    const { results } = await now(task);
    expect(results).toEqual(Object.fromEntries(ids.map((id, index) => [id, `${index}`])));
  });

  it("loses nothing to a restart of the manager", async () => {
    await begin();
    const [a, b] = [await join("a", ourFeatures), await join("b", ourFeatures)];
    const task = await start();
    const [first, second] = [await a.next("start"), await b.next("start")];
    await b.accept(second);
    await a.finish(first, "1");
    await a.next("received");
    await rig.restart();
    events = rig.follow();
    await b.finish(second, "2");
    await becomes(task, "Completed");
    expect((await now(task)).results).toEqual({ a: "1", b: "2" });
  });

  it("runs anew on those that are alive then", async () => {
    await begin();
    const a = await join("a");
    const task = await start();
    await a.finish(await a.next("start"), "1");
    await becomes(task, "Completed");
    const b = await join("b");
    await rig.manager.tasks.start(task.id);
    await a.finish(await a.next("start"), "3");
    await b.finish(await b.next("start"), "4");
    await becomes(task, "Completed");
    expect((await now(task)).results).toEqual({ a: "3", b: "4" });
  });
});
