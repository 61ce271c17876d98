/** Two things at once: what comes late, from the wrong one, or in the middle of something else. */
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { ManagerOptions } from "../../src/manager/create-manager.ts";
import type { ChangeEvent } from "../../src/model/event.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

let rig: Rig;
let events: Inbox<ChangeEvent>;

async function begin(options: Partial<ManagerOptions> = {}) {
  rig = await startRig({ acceptTimeoutMs: 60_000, offlineThresholdMs: 60_000, ...options });
  events = rig.follow();
}
afterEach(() => rig.close());

const isAlive = (id: string, is: boolean) =>
  events.take((event) => event.type === "proplet" && event.proplet_id === id && event.alive === is);
async function joins(id: string, options = {}): Promise<FakeProplet> {
  const proplet = await joinAs({ broker: rig.broker, topics: rig.topics, id, bootId: `${id}-1`, ...options });
  await isAlive(id, true);
  return proplet;
}
const ours = (id: string) => joins(id, { features: ourFeatures });
const add = { name: "add", file: addModule, inputs: ["1", "2"] };
const run = (input = {}) => rig.manager.tasks.create({ ...add, ...input }, { start: true });
const reached = (taskId: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === taskId && event.state === state);
const task = (id: string) => rig.manager.tasks.get(id);

/** A store of which one query waits until it is let go. */
function gated(query: "tasksOf" | "job") {
  const store = openSqliteStore({ path: ":memory:" });
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isOpen = true;
  const wait = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isOpen) return ask();
    const found = await ask();
    asked.resolve();
    await answer.promise;
    return found;
  };
  const slow: Store = {
    ...store,
    ...(query === "job" ? { job: (id) => wait(() => store.job(id)) } : {}),
    ...(query === "tasksOf" ? { tasksOf: (ref, page) => wait(() => store.tasksOf(ref, page)) } : {}),
  };
  const shut = () => {
    isOpen = false;
  };
  return { store: slow, shut, asked: asked.promise, open: answer.resolve };
}

it("a result, or an acceptance, of the right attempt from a proplet that doesn't hold the task changes nothing", async () => {
  await begin();
  const holder = await ours("p1");
  const created = await run();
  const start = await holder.next("start");
  const other = await ours("p2");
  await other.accept(start);
  await other.finish(start, "wrong");
  await other.next("received");
  expect(await task(created.id)).toMatchObject({ state: TaskState.Scheduled, proplet_id: "p1" });
  await holder.accept(start);
  await holder.finish(start, "3");
  await reached(created.id, "Completed");
  expect(await task(created.id)).toMatchObject({ results: "3", proplet_id: "p1" });
});

it("a result of an attempt that was lost counts from the proplet that had it, and from no other", async () => {
  await begin();
  const holder = await ours("p1");
  const created = await run();
  const start = await holder.next("start");
  await holder.accept(start);
  await reached(created.id, "Running");
  const other = await ours("p2");
  await rig.manager.proplets.cordon("p2");
  await holder.offline();
  await isAlive("p1", false);
  await other.finish(start, "wrong");
  await other.next("received");
  expect(await task(created.id)).toMatchObject({ state: TaskState.Pending });
  expect(await rig.manager.tasks.attempts(created.id)).toMatchObject([{ outcome: "lost", cause: "gone" }]);
  await holder.finish(start, "3");
  await reached(created.id, "Completed");
  expect(await task(created.id)).toMatchObject({ results: "3", proplet_id: "p1", attempt: 1 });
});

it("a late result with neither a name nor an attempt doesn't end a task that one of ours holds by now", async () => {
  await begin();
  const zephyr = await joins("z", { metadata: { os: "zephyr" } });
  const created = await run();
  await zephyr.next("start");
  await zephyr.offline();
  await isAlive("z", false);
  const holder = await ours("p1");
  const start = await holder.next("start");
  await zephyr.send("results", { task_id: created.id, results: "late" });
  await holder.finish(start, "3");
  await reached(created.id, "Completed");
  expect(await task(created.id)).toMatchObject({ results: "3" });
});

it("a change of a task that is placed meanwhile doesn't take it back into the queue", async () => {
  const slow = gated("tasksOf");
  await begin({ store: slow.store });
  const workflow = await rig.manager.workflows.create({
    tasks: [add, { ...add, name: "second", priority: 90 }],
  });
  const [first, second] = workflow.tasks.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error("no tasks");
  await rig.manager.workflows.start(workflow.id);
  slow.shut();
  const changed = rig.manager.tasks.update(second, { depends_on: [first] });
  await slow.asked;
  const proplet = await ours("p1");
  expect(await proplet.next("start")).toMatchObject({ id: second });
  slow.open();
  await changed;
  expect(await task(second)).toMatchObject({ state: TaskState.Scheduled, attempt: 1, proplet_id: "p1" });
});

it("a task that is placed while it is being deleted is stopped there", async () => {
  const slow = gated("job");
  await begin({ store: slow.store });
  const job = await rig.manager.jobs.create({ name: "j", tasks: [add, { ...add, name: "second" }] });
  await rig.manager.jobs.start(job.id);
  const id = job.tasks[0]?.id ?? "";
  slow.shut();
  const deleted = rig.manager.tasks.delete(id);
  await slow.asked;
  const proplet = await ours("p1");
  expect(await proplet.next("start")).toMatchObject({ id });
  slow.open();
  await deleted;
  expect(await proplet.next("stop")).toMatchObject({ id, attempt: 1 });
});

it("a stop that a manager's end cut off before a legacy proplet was told is made up for by the next", async () => {
  await begin();
  const proplet = await joins("legacy");
  const { id } = await run({ daemon: true });
  await proplet.next("start");
  await reached(id, "Running");
  await rig.restart(async () => {
    const store = openSqliteStore({ path: join(rig.directory, "prop.db") });
    const running = await store.task(id);
    if (running !== undefined) await store.commit([{ kind: "task", task: { ...running, stopping: true } }]);
    await store.close();
  });
  events = rig.follow();
  expect(await proplet.next("stop")).toMatchObject({ id });
  if ((await task(id)).state !== TaskState.Interrupted) await reached(id, "Interrupted");
});

it("a proplet that falls silent after the clock was set back is given up all the same", async () => {
  let setBackMs = 0;
  await begin({ offlineThresholdMs: 200, now: () => new Date(Date.now() - setBackMs) });
  await ours("p1");
  setBackMs = 3_600_000;
  await isAlive("p1", false);
});

it("heartbeats alone are written seldom, and their history is there after a restart", async () => {
  let at = Date.now();
  await begin({ now: () => new Date(at) });
  const proplet = await ours("p1");
  const { commit } = rig.store;
  let written = 0;
  rig.store.commit = (changes, options) => {
    written += changes.filter(({ kind }) => kind === "proplet").length;
    return commit(changes, options);
  };
  for (let beat = 0; beat < 10; beat++) {
    at += 60_000;
    await proplet.beat();
  }
  const { id } = await run();
  await proplet.finish(await proplet.next("start"), "3");
  await reached(id, "Completed");
  expect(written).toBeLessThanOrEqual(1);
  const { alive_history } = await rig.manager.proplets.get("p1");
  expect(alive_history.length).toBeGreaterThanOrEqual(10);
  await rig.restart();
  expect(await rig.manager.proplets.get("p1")).toMatchObject({ alive_history });
});

it("a module that is replaced during a run stays until the run has ended, and goes then", async () => {
  await begin();
  const proplet = await ours("p");
  const { id, module } = await run();
  const old = module?.digest ?? "";
  const start = await proplet.next("start");
  await proplet.accept(start);
  await reached(id, "Running");
  const replaced = await rig.manager.tasks.upload(id, new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  expect(replaced.module?.digest).not.toBe(old);
  expect(await rig.store.module(old)).toBeDefined();
  await proplet.finish(start, "3");
  await reached(id, "Completed");
  await rig.store.commit([]);
  expect(await rig.store.module(old)).toBeUndefined();
});
