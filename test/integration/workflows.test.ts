import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { GroupedTaskInput } from "../../src/manager/manager.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { stateName } from "../../src/model/task-state.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, type startRig as Start, startRig } from "../support/rig.ts";

let rig: Rig;
let proplet: FakeProplet;
let events: Inbox<ChangeEvent>;

async function begin(options: Parameters<typeof Start>[0] = {}): Promise<void> {
  rig = await startRig(options);
  events = rig.follow();
  proplet = await joinAs({
    broker: rig.broker,
    topics: rig.topics,
    id: "edge-1",
    features: ourFeatures,
    bootId: "b",
    slots: 8,
  });
  await events.take((event) => event.type === "proplet" && event.alive);
}
afterEach(() => rig.close());

const task = (name: string, fields: Partial<GroupedTaskInput> = {}): GroupedTaskInput => ({
  name,
  file: addModule,
  ...fields,
});
const create = async (tasks: GroupedTaskInput[]) => {
  const workflow = await rig.manager.workflows.create({ tasks });
  const id = (name: string) => workflow.tasks.find((one) => one.name === name)?.id ?? "";
  return { workflow, id };
};
const becomes = (id: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === id && event.state === state);
const states = async (workflowId: string) =>
  Object.fromEntries(
    (await rig.manager.workflows.get(workflowId)).tasks.map(({ name, state }) => [name, stateName(state)]),
  );
async function finish(id: string, results: unknown, error: string | null = null) {
  const start = await proplet.inbox.take((message) => message.kind === "start" && message.id === id);
  await proplet.finish(start, results, error);
  return start;
}

describe("a workflow", () => {
  it("starts each task when all it depends on have ended, and hands it their results", async () => {
    await begin();
    const { workflow, id } = await create([
      task("top"),
      task("left", { depends_on: ["top"] }),
      task("right", { depends_on: ["top"] }),
      task("join", { depends_on: ["left", "right"] }),
    ]);
    await rig.manager.workflows.start(workflow.id);
    expect(await finish(id("top"), "1")).not.toHaveProperty("parent_results");
    expect((await finish(id("left"), "2")).parent_results).toEqual({ [id("top")]: "1" });
    await becomes(id("left"), "Completed");
    expect(stateName((await rig.manager.tasks.get(id("join"))).state)).toBe("Pending");
    await finish(id("right"), { n: 3 });
    expect((await finish(id("join"), "4")).parent_results).toEqual({
      [id("left")]: "2",
      [id("right")]: { n: 3 },
    });
    await becomes(id("join"), "Completed");
    expect((await rig.manager.workflows.get(workflow.id)).state).toBe(3);
  });

  it("starts what follows a root that was started by itself, as legacy clients do", async () => {
    await begin();
    const [a, b] = [randomUUID(), randomUUID()];
    await create([task("a", { id: a }), task("b", { id: b, depends_on: [a] })]);
    await rig.manager.tasks.start(a);
    await finish(a, "r0");
    expect((await finish(b, "r1")).parent_results).toEqual({ [a]: "r0" });
  });

  it("runs what waits for a failure, and skips what can't run any more, through to the end", async () => {
    await begin();
    const { workflow, id } = await create([
      task("a"),
      task("next", { depends_on: ["a"] }),
      task("last", { depends_on: ["next"] }),
      task("mend", { depends_on: ["a"], run_if: "failure" }),
    ]);
    await rig.manager.workflows.start(workflow.id);
    await finish(id("a"), "", "boom");
    await finish(id("mend"), "mended");
    await becomes(id("mend"), "Completed");
    expect(await states(workflow.id)).toEqual({
      a: "Failed",
      next: "Skipped",
      last: "Skipped",
      mend: "Completed",
    });
  });

  it("lets a task that is started by hand wait for those it depends on", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    await rig.manager.tasks.start(id("b"));
    expect(await states(workflow.id)).toEqual({ a: "Pending", b: "Pending" });
    await rig.manager.tasks.start(id("a"));
    await finish(id("a"), "1");
    await finish(id("b"), "2");
    await becomes(id("b"), "Completed");
  });

  it("runs anew as a whole once it has ended, and not before", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    for (const round of ["1", "2"]) {
      await rig.manager.workflows.start(workflow.id);
      await expect(rig.manager.workflows.start(workflow.id)).rejects.toMatchObject({
        code: "WORKFLOW_ACTIVE",
      });
      await finish(id("a"), round);
      expect((await finish(id("b"), round)).parent_results).toEqual({ [id("a")]: round });
      await becomes(id("b"), "Completed");
    }
  });

  it("is Interrupted by a stop, with all that waits", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    await rig.manager.workflows.start(workflow.id);
    const start = await proplet.next("start");
    await rig.manager.workflows.stop(workflow.id);
    await proplet.next("stop");
    await proplet.finish(start, "", "task stopped");
    await becomes(id("a"), "Interrupted");
    expect(await states(workflow.id)).toEqual({ a: "Interrupted", b: "Interrupted" });
  });

  it("goes with its tasks when it is deleted", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    await rig.manager.workflows.delete(workflow.id);
    await expect(rig.manager.workflows.get(workflow.id)).rejects.toMatchObject({
      code: "WORKFLOW_NOT_FOUND",
    });
    await expect(rig.manager.tasks.get(id("a"))).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
  });

  it("refuses what is no graph, and says why", async () => {
    await begin();
    const refusal = (...tasks: GroupedTaskInput[]) =>
      rig.manager.workflows.create({ tasks }).then(
        () => "taken",
        (error: Error) => error.message.replaceAll(/[0-9a-f-]{36}/g, "id"),
      );
    const missing = randomUUID();
    expect(await refusal(task("a", { depends_on: ["b"] }), task("b", { depends_on: ["a"] }))).toBe(
      "tasks depend on each other in a circle: a (id) → b (id) → a (id)",
    );
    expect(await refusal(task("a", { depends_on: [missing] }))).toBe(
      "task a (id) depends on id, which does not exist",
    );
    expect(await refusal(task("a", { depends_on: ["a"] }))).toBe("task a (id) depends on itself");
    expect(await refusal(task("a"), task("b", { depends_on: ["a", "a"] }))).toBe(
      "task b (id) depends twice on a (id)".replace("a (id)", "id"),
    );
    expect(await refusal(task("a"), task("a"), task("b", { depends_on: ["a"] }))).toBe(
      "task b: 2 tasks are called a: name one by its id",
    );
    expect(await refusal(task("a", { id: missing }), task("b", { id: missing }))).toBe(
      "two tasks have the id id",
    );
    expect(await refusal(task("a", { run_if: "never" }))).toContain('run_if must be "success" or "failure"');
    expect(await refusal(task("a", { id: "first" }))).toBe('task id "first" is not a UUID');
    expect(await refusal(task("a", { schedule: "* * * *" }))).toContain("invalid cron expression");
    expect(await refusal()).toBe("something went wrong with the request");
    expect((await rig.manager.workflows.list({ offset: 0, limit: 10 })).total).toBe(0);
  });

  it("takes a further task, and a change that keeps it a graph", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    const c = await rig.manager.tasks.create(task("c", { workflow_id: workflow.id, depends_on: [id("b")] }));
    await expect(rig.manager.tasks.update(id("a"), { name: "a", depends_on: [c.id] })).rejects.toMatchObject({
      message: expect.stringContaining("in a circle"),
    });
    await expect(rig.manager.tasks.delete(id("b"))).rejects.toMatchObject({ code: "TASK_NEEDED" });
    await rig.manager.tasks.update(c.id, { name: "c", depends_on: [id("a")] });
    await rig.manager.tasks.delete(id("b"));
    await rig.manager.workflows.start(workflow.id);
    await finish(id("a"), "1");
    await finish(c.id, "2");
    await becomes(c.id, "Completed");
    expect(await states(workflow.id)).toEqual({ a: "Completed", c: "Completed" });
  });

  it("keeps every task that is added to it at the same time as others", async () => {
    await begin();
    const { workflow } = await create([task("a")]);
    const names = ["b", "c", "d"];
    await Promise.all(
      names.map((name) => rig.manager.tasks.create(task(name, { workflow_id: workflow.id }))),
    );
    expect(Object.keys(await states(workflow.id)).sort()).toEqual(["a", ...names]);
  });

  it("goes on after a restart of the manager, with what ended meanwhile", async () => {
    await begin();
    const { workflow, id } = await create([
      task("a"),
      task("b", { depends_on: ["a"] }),
      task("c", { depends_on: ["b"] }),
    ]);
    await rig.manager.workflows.start(workflow.id);
    await finish(id("a"), "1");
    const start = await proplet.inbox.take((message) => message.kind === "start" && message.id === id("b"));
    await proplet.accept(start);
    await becomes(id("b"), "Running");
    await rig.restart();
    events = rig.follow();
    await proplet.discover();
    await proplet.finish(start, "2");
    expect((await finish(id("c"), "3")).parent_results).toEqual({ [id("b")]: "2" });
    await becomes(id("c"), "Completed");
  });

  it("makes up for ends that were written without what follows from them", async () => {
    await begin();
    const { workflow, id } = await create([task("a"), task("b", { depends_on: ["a"] })]);
    const a = await rig.manager.tasks.get(id("a"));
    await rig.restart(async () => {
      const store = openSqliteStore({ path: `${rig.directory}/prop.db` });
      await store.commit([{ kind: "task", task: { ...a, state: 3, results: "1", attempt: 1 } }]);
      await store.close();
    });
    events = rig.follow();
    await proplet.discover();
    expect((await finish(id("b"), "2")).parent_results).toEqual({ [id("a")]: "1" });
    await becomes(id("b"), "Completed");
    expect(await states(workflow.id)).toEqual({ a: "Completed", b: "Completed" });
  });
});
