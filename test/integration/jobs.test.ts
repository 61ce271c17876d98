import { afterEach, describe, expect, it } from "vitest";
import type { GroupedTaskInput } from "../../src/manager/manager.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import type { ExecutionMode } from "../../src/model/job.ts";
import { stateName } from "../../src/model/task-state.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let proplet: FakeProplet;
let events: Inbox<ChangeEvent>;
async function begin(options: Parameters<typeof startRig>[0] = {}) {
  rig = await startRig(options);
  events = rig.follow();
  const features = ourFeatures;
  proplet = await joinAs({
    broker: rig.broker,
    topics: rig.topics,
    id: "p",
    features,
    bootId: "b",
    slots: 1,
  });
  await events.take((event) => event.type === "proplet" && event.alive);
}
afterEach(() => rig.close());

const task = (name: string, fields: Partial<GroupedTaskInput> = {}) => ({ name, file: addModule, ...fields });
async function create(execution_mode: ExecutionMode, tasks: GroupedTaskInput[]) {
  const job = await rig.manager.jobs.create({ name: "j", execution_mode, tasks });
  return { job, id: (name: string) => job.tasks.find((one) => one.name === name)?.id ?? "" };
}
const becomes = (id: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === id && event.state === state);
async function finish(id: string, results: unknown, error: string | null = null) {
  const start = await proplet.inbox.take((message) => message.kind === "start" && message.id === id);
  await proplet.accept(start);
  await proplet.finish(start, results, error);
}
const states = async (jobId: string) =>
  Object.fromEntries(
    (await rig.manager.jobs.get(jobId)).tasks.map(({ name, state }) => [name, stateName(state)]),
  );
const startsOf = (name: string) => proplet.inbox.items.filter((message) => message.name === name).length;

describe("a job", () => {
  it("starts all of its tasks where it is parallel", async () => {
    await begin();
    const { job, id } = await create("parallel", [task("a"), task("b"), task("c")]);
    await rig.manager.jobs.start(job.id);
    for (const name of ["c", "a", "b"]) await finish(id(name), name);
    for (const name of ["a", "b", "c"]) await becomes(id(name), "Completed");
    expect(await rig.manager.jobs.get(job.id)).toMatchObject({
      state: 3,
      start_time: expect.any(String),
      finish_time: expect.any(String),
    });
  });

  it("runs one task after another where it is sequential", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b"), task("c")]);
    await rig.manager.jobs.start(job.id);
    for (const name of ["a", "b", "c"]) {
      await becomes(id(name), "Scheduled");
      expect(Object.values(await states(job.id)).filter((state) => state === "Scheduled")).toHaveLength(1);
      await finish(id(name), name);
    }
    await becomes(id("c"), "Completed");
  });

  it("leaves the others of a sequential job alone while only a task of it was started", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b")]);
    await rig.manager.tasks.start(id("a"));
    await finish(id("a"), "1");
    await becomes(id("a"), "Completed");
    expect(await states(job.id)).toEqual({ a: "Completed", b: "Pending" });
  });

  it("follows what depends on what where it is configurable", async () => {
    await begin();
    const { job, id } = await create("configurable", [
      task("last", { depends_on: ["first"] }),
      task("first"),
    ]);
    await rig.manager.jobs.start(job.id);
    await becomes(id("first"), "Scheduled");
    expect(await states(job.id)).toEqual({ last: "Pending", first: "Scheduled" });
    await finish(id("first"), "1");
    await finish(id("last"), "2");
    await becomes(id("last"), "Completed");
  });

  it("stops at the first failure: what runs is Interrupted, what waits is Skipped", async () => {
    await begin();
    const waiting = Array.from({ length: 20 }, (_, index) => task(`w${index}`));
    const { job, id } = await create("parallel", [task("a"), task("b"), ...waiting]);
    await rig.manager.jobs.start(job.id);
    const running = await proplet.inbox.take((message) => message.id === id("b"));
    await proplet.accept(running);
    await becomes(id("b"), "Running");
    await finish(id("a"), "", "boom");
    await proplet.inbox.take((message) => message.kind === "stop" && message.id === id("b"));
    await proplet.finish(running, "", "task stopped");
    await becomes(id("b"), "Interrupted");
    await becomes(id("w19"), "Skipped");
    const { state } = await rig.manager.jobs.get(job.id);
    expect(stateName(state)).toBe("Failed");
  });

  it("runs what waits for that failure all the same", async () => {
    await begin();
    const { job, id } = await create("configurable", [
      task("a"),
      task("next", { depends_on: ["a"] }),
      task("mend", { depends_on: ["a"], run_if: "failure" }),
    ]);
    await rig.manager.jobs.start(job.id);
    await finish(id("a"), "", "boom");
    await finish(id("mend"), "1");
    await becomes(id("mend"), "Completed");
    expect(await states(job.id)).toEqual({ a: "Failed", next: "Skipped", mend: "Completed" });
  });

  it("runs anew as a whole after it ended, and not before", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b")]);
    for (const round of ["1", "2"]) {
      await rig.manager.jobs.start(job.id);
      await expect(rig.manager.jobs.start(job.id)).rejects.toMatchObject({ code: "JOB_ACTIVE" });
      await finish(id("a"), round);
      await finish(id("b"), round);
      await becomes(id("b"), "Completed");
    }
    expect((await rig.manager.jobs.get(job.id)).tasks.map(({ results }) => results)).toEqual(["2", "2"]);
  });

  it("is Interrupted by a stop, and what waits with it", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b")]);
    await rig.manager.jobs.start(job.id);
    const start = await proplet.next("start");
    await proplet.accept(start);
    await becomes(id("a"), "Running");
    await rig.manager.jobs.stop(job.id);
    await proplet.finish(start, "", "task stopped");
    await becomes(id("a"), "Interrupted");
    expect(await states(job.id)).toEqual({ a: "Interrupted", b: "Interrupted" });
    expect(startsOf("b")).toBe(0);
  });

  it("goes on in order after a restart of the manager", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b"), task("c")]);
    await rig.manager.jobs.start(job.id);
    await finish(id("a"), "1");
    const start = await proplet.inbox.take((message) => message.id === id("b"));
    await proplet.accept(start);
    await becomes(id("b"), "Running");
    await rig.restart();
    events = rig.follow();
    await proplet.finish(start, "2");
    await finish(id("c"), "3");
    await becomes(id("c"), "Completed");
    expect((await rig.manager.jobs.get(job.id)).state).toBe(3);
  });

  it("stops the rest after a restart where a failure was written without what follows from it", async () => {
    await begin();
    const { job, id } = await create("sequential", [task("a"), task("b")]);
    await rig.manager.jobs.start(job.id);
    await becomes(id("a"), "Scheduled");
    const a = await rig.manager.tasks.get(id("a"));
    await rig.restart(async () => {
      const store = openSqliteStore({ path: `${rig.directory}/prop.db` });
      await store.commit([{ kind: "task", task: { ...a, state: 4, error: "boom" } }]);
      await store.close();
    });
    expect(await states(job.id)).toEqual({ a: "Failed", b: "Skipped" });
  });

  it("is listed by its state, newest first, with its tasks or with their counts", async () => {
    await begin();
    const { job } = await create("parallel", [task("a"), task("b")]);
    const { job: other, id } = await create("parallel", [task("c")]);
    await rig.manager.jobs.start(other.id);
    await finish(id("c"), "1");
    await becomes(id("c"), "Completed");
    const window = { offset: 0, limit: 10 };
    expect((await rig.manager.jobs.list(window)).items.map((one) => one.id)).toEqual([other.id, job.id]);
    const pending = await rig.manager.jobs.summaries({ ...window, status: "pending" });
    expect(pending).toMatchObject({ total: 1, items: [{ id: job.id, tally: [2, 0, 0, 0, 0, 0, 0] }] });
    const part = await rig.manager.jobs.summary(job.id, { offset: 1, limit: 1 });
    expect(part.tasks.map(({ name }) => name)).toEqual(["b"]);
  });

  it("takes the mode of the manager where it says none", async () => {
    await begin({ jobExecutionMode: "sequential" });
    const job = await rig.manager.jobs.create({ tasks: [task("a"), task("b")] });
    expect(job.execution_mode).toBe("sequential");
  });

  it("refuses an order that contradicts its dependencies, and what has no module", async () => {
    await begin();
    await expect(create("sequential", [task("a", { depends_on: ["b"] }), task("b")])).rejects.toMatchObject({
      code: "JOB_INVALID",
      message: expect.stringContaining("in a circle"),
    });
    const { job } = await create("parallel", [task("a"), { name: "bare" }]);
    await expect(rig.manager.jobs.start(job.id)).rejects.toMatchObject({ code: "TASK_INVALID" });
    expect(await states(job.id)).toEqual({ a: "Pending", bare: "Pending" });
  });

  it("goes with its tasks when it is deleted, and its module with the last of them", async () => {
    await begin();
    const { job, id } = await create("parallel", [task("a"), task("b")]);
    const digest = job.tasks[0]?.module?.digest ?? "";
    expect(await rig.store.module(digest)).toBeDefined();
    await rig.manager.jobs.delete(job.id);
    await expect(rig.manager.jobs.get(job.id)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    await expect(rig.manager.tasks.get(id("a"))).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    expect(await rig.store.module(digest)).toBeUndefined();
  });
});
