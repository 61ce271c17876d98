import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeEvent, RecordedEvent } from "../../src/model/event.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { addModule } from "../support/add-module.ts";
import { type FakeProplet, joinAs, ourFeatures } from "../support/fake-proplet.ts";
import type { Inbox } from "../support/inbox.ts";
import { type Rig, startRig } from "../support/rig.ts";

const page = { offset: 0, limit: 100 };

let rig: Rig;
let events: Inbox<ChangeEvent>;

beforeEach(async () => {
  rig = await startRig({ acceptTimeoutMs: 50, offlineThresholdMs: 60_000 });
  events = rig.follow();
});
afterEach(() => rig.close());

const join = (id: string, options = {}) => joinAs({ broker: rig.broker, topics: rig.topics, id, ...options });
const ours = (id: string, options = {}) => join(id, { features: ourFeatures, bootId: `${id}-1`, ...options });
const run = (input = {}) =>
  rig.manager.tasks.create({ name: "add", file: addModule, inputs: ["1", "2"], ...input }, { start: true });
const alive = (id: string, is: boolean) =>
  events.take((event) => event.type === "proplet" && event.proplet_id === id && event.alive === is);
const reached = (taskId: string, state: string) =>
  events.take((event) => event.type === "task" && event.task_id === taskId && event.state === state);

describe("a task", () => {
  it("goes to a legacy proplet whole, in the recorded words, and ends with its result", async () => {
    const proplet = await join("legacy");
    const task = await run();
    const start = await proplet.next("start");
    expect(start).toEqual({
      kind: "start",
      id: task.id,
      name: "add",
      state: 0,
      file: addModule,
      inputs: ["1", "2"],
      cli_args: null,
      broadcast: false,
      daemon: false,
      latent: false,
      encrypted: false,
      proplet_id: "legacy",
    });
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Completed, results: "3" });
  });

  it("goes to one of ours by digest, is Running once accepted, and its result is confirmed", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    expect(start).toMatchObject({ attempt: 1, digest: expect.stringMatching(/^sha256:/), size: 53 });
    expect(start).not.toHaveProperty("file");
    await reached(task.id, "Scheduled");
    await proplet.accept(start);
    await reached(task.id, "Running");
    await proplet.finish(start, "3");
    expect(await proplet.next("received")).toMatchObject({ task_id: task.id, attempt: 1 });
    expect(await rig.store.task(task.id)).toMatchObject({ state: TaskState.Completed, results: "3" });
  });

  it("waits while no proplet lives, says so, and starts when one appears", async () => {
    const task = await run();
    expect(task).toMatchObject({ state: TaskState.Pending });
    const proplet = await ours("p1");
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
  });

  it("that is pinned waits for its own proplet", async () => {
    const other = await ours("p1");
    const task = await run({ proplet_id: "p2" });
    const free = await run();
    expect(await other.next("start")).toMatchObject({ id: free.id });
    const own = await ours("p2");
    expect(await own.next("start")).toMatchObject({ id: task.id, proplet_id: "p2" });
    expect(other.inbox.items).toEqual([]);
  });

  it("whose proplet says that it is gone moves to another, with one attempt more", async () => {
    const first = await ours("p1");
    const task = await run();
    await first.accept(await first.next("start"));
    await reached(task.id, "Running");
    const second = await ours("p2");
    await first.offline();
    const start = await second.next("start");
    expect(start).toMatchObject({ id: task.id, attempt: 2 });
    await first.finish({ id: task.id, attempt: 1 }, "late");
    await second.finish(start, "3");
    await second.next("received");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ results: "3", attempt: 2 });
    expect(await rig.store.attempts(task.id)).toMatchObject([
      {
        attempt: 1,
        proplet_id: "p1",
        outcome: "superseded",
        reason: expect.stringMatching(/gone; it completed later/),
      },
      { attempt: 2, proplet_id: "p2", outcome: "completed" },
    ]);
  });

  it("takes the result of a lost attempt while no later one was sent", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    await proplet.offline();
    await reached(task.id, "Pending");
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
  });

  it("is sent once more to a proplet that doesn't accept it, then to another", async () => {
    const deaf = await ours("p1");
    const task = await run();
    expect(await deaf.next("start")).toMatchObject({ attempt: 1 });
    expect(await deaf.next("start")).toMatchObject({ attempt: 1 });
    await deaf.offline();
    const other = await ours("p2");
    expect(await other.next("start")).toMatchObject({ id: task.id, attempt: 2 });
  });

  it("is given up after too many lost attempts, with the reason", async () => {
    await rig.close();
    rig = await startRig({ maxAttempts: 2 });
    events = rig.follow();
    const proplet = await ours("p1");
    const task = await run();
    await proplet.next("start");
    await proplet.offline();
    await reached(task.id, "Pending");
    await proplet.discover();
    await proplet.next("start");
    await proplet.offline();
    expect(await reached(task.id, "Failed")).toMatchObject({
      error: expect.stringMatching(/after 2 attempts: .*gone/),
    });
  });

  it("moves on when its proplet comes back from a restart that lost it", async () => {
    const proplet = await ours("p1");
    const task = await run();
    await proplet.accept(await proplet.next("start"));
    await reached(task.id, "Running");
    const again = await ours("p1", { bootId: "p1-2" });
    expect(await again.next("start")).toMatchObject({ id: task.id, attempt: 2 });
  });

  it("is sent again to a legacy proplet that reconnects: it ignores what it still runs", async () => {
    const proplet = await join("legacy");
    const task = await run();
    await proplet.next("start");
    await proplet.discover();
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
  });

  it("goes on over a restart of the manager, and takes the result that comes after it", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const waiting = await run({ proplet_id: "p2" });
    const start = await proplet.next("start");
    await proplet.accept(start);
    await reached(task.id, "Running");
    await rig.restart();
    events = rig.follow();
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Running, attempt: 1 });
    await proplet.finish(start, "3");
    await reached(task.id, "Completed");
    const second = await ours("p2");
    expect(await second.next("start")).toMatchObject({ id: waiting.id });
  });

  it("that is stopped is Interrupted once its proplet confirms", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    await proplet.accept(start);
    await reached(task.id, "Running");
    await rig.manager.tasks.stop(task.id);
    expect(await proplet.next("stop")).toEqual({
      kind: "stop",
      id: task.id,
      broadcast: false,
      proplet_id: "p1",
      attempt: 1,
    });
    await proplet.finish(start, "", "task stopped");
    await reached(task.id, "Interrupted");
  });

  it("that waits is Interrupted at once by a stop, and one on a legacy proplet when the broker has the stop", async () => {
    const waiting = await run();
    expect(await rig.manager.tasks.stop(waiting.id)).toMatchObject({ state: TaskState.Interrupted });
    await join("legacy");
    const task = await run({ daemon: true });
    await reached(task.id, "Running");
    expect(await rig.manager.tasks.stop(task.id)).toMatchObject({ state: TaskState.Interrupted });
  });

  it("that is a legacy daemon stays Running when its proplet answers at once with nothing", async () => {
    const proplet = await join("legacy");
    const task = await run({ daemon: true });
    await proplet.finish(await proplet.next("start"), "");
    await proplet.discover();
    await proplet.next("start");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Running });
  });

  it("runs anew when it ended, and not while it is active", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    await expect(rig.manager.tasks.start(task.id)).rejects.toMatchObject({ code: "TASK_ACTIVE" });
    await proplet.finish(start, "3");
    await proplet.next("received");
    await rig.manager.tasks.start(task.id);
    expect(await proplet.next("start")).toMatchObject({ id: task.id, attempt: 2 });
  });

  it("that is deleted while it runs gives its slot back", async () => {
    const proplet = await ours("p1", { slots: 1 });
    for (let deleted = 0; deleted < 8; deleted++) {
      const task = await run();
      await proplet.accept(await proplet.next("start"));
      await rig.manager.tasks.delete(task.id);
    }
    const task = await run();
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
  });

  it("that is pinned while it waits keeps no other from its place", async () => {
    const pinned = await run();
    await rig.manager.tasks.update(pinned.id, { proplet_id: "absent" });
    const free = await run();
    const proplet = await ours("p1");
    expect(await proplet.next("start")).toMatchObject({ id: free.id });
    await rig.manager.tasks.update(pinned.id, { proplet_id: "p1" });
    expect(await proplet.next("start")).toMatchObject({ id: pinned.id });
  });

  it("can't be moved by an update while a proplet holds it", async () => {
    const proplet = await ours("p1");
    const task = await run();
    await proplet.next("start");
    await expect(rig.manager.tasks.update(task.id, { proplet_id: "p2" })).rejects.toMatchObject({
      code: "TASK_ACTIVE",
    });
    expect(await rig.manager.tasks.update(task.id, { proplet_id: "p1", name: "sum" })).toMatchObject({
      name: "sum",
      pinned: false,
    });
  });

  it("doesn't end by the result of an earlier run while it waits anew", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    await proplet.offline();
    await reached(task.id, "Pending");
    await rig.manager.tasks.stop(task.id);
    await rig.manager.tasks.start(task.id);
    await proplet.finish(start, "old");
    await proplet.next("received");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Pending });
  });

  it("fails by results too deep to be written, and the store goes on", async () => {
    const proplet = await ours("p1");
    const task = await run();
    const start = await proplet.next("start");
    await proplet.finish(start, JSON.parse("[".repeat(500) + "]".repeat(500)));
    expect(await reached(task.id, "Failed")).toMatchObject({
      error: "its results nest more than 100 levels deep",
    });
    await expect(run()).resolves.toMatchObject({ state: TaskState.Pending });
  });

  it("is sent again to a legacy proplet that is heard first after a restart of the manager", async () => {
    const proplet = await join("legacy");
    const task = await run();
    const start = await proplet.next("start");
    await rig.restart(() => proplet.finish(start, "lost"));
    await proplet.send("heartbeat", { proplet_id: "legacy", status: "alive" });
    expect(await proplet.next("start")).toMatchObject({ id: task.id });
  });

  it("stays with its proplet over a restart of the manager, whatever will an earlier life left retained", async () => {
    const proplet = await ours("p1");
    const will = { proplet_id: "p1", status: "offline" };
    await proplet.send("heartbeat", will, { retain: true });
    await alive("p1", false);
    await proplet.discover();
    const task = await run();
    await proplet.accept(await proplet.next("start"));
    await reached(task.id, "Running");
    await rig.restart();
    await proplet.send("results", { task_id: "unknown", proplet_id: "p1", attempt: 1 });
    await proplet.next("received");
    expect(await rig.manager.proplets.get("p1")).toMatchObject({ alive: false });
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Running, attempt: 1 });
  });

  it("waits for a store that fails, and loses no attempt to it", async () => {
    const task = await run();
    const { commit } = rig.store;
    const failed = new Promise<void>((resolve) => {
      rig.store.commit = (changes) => {
        if (changes.some(({ kind }) => kind === "task")) resolve();
        return Promise.reject(new Error("disk full"));
      };
    });
    const proplet = await ours("p1");
    await failed;
    rig.store.commit = commit;
    expect(await proplet.next("start")).toMatchObject({ id: task.id, attempt: 1 });
    await reached(task.id, "Scheduled");
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ lost: 0 });
  });

  it("of higher priority is placed first", async () => {
    const low = await run({ priority: 1 });
    const high = await run({ priority: 99 });
    const proplet = await ours("p1");
    expect(await proplet.inbox.take()).toMatchObject({ id: high.id });
    expect(await proplet.inbox.take()).toMatchObject({ id: low.id });
  });

  it.each([
    [{ name: "" }, "missing identity name"],
    [{ priority: 101 }, "priority must be between 0 and 100, got 101"],
    [{ broadcast: true, proplet_id: "p" }, "mutually exclusive"],
    [{ file: "***" }, "illegal base64"],
    [{ file: "aGVsbG8=" }, "missing magic bytes"],
    [{ schedule: "whenever" }, "invalid cron expression"],
    [{ depends_on: ["a"] }, "workflow_id is required when depends_on is specified"],
    [{ file: undefined }, "has no module"],
  ])("with %j is refused: %s", async (input, message) => {
    await expect(run(input)).rejects.toThrow(message);
    expect(await rig.manager.tasks.list(page)).toEqual({ total: 0, items: [] });
  });
});

describe("a latent task", () => {
  async function deployOn(proplet: FakeProplet, input = {}) {
    const deployed = rig.manager.functions.deploy("add", { file: addModule, ...input });
    const start = await proplet.next("start");
    await proplet.accept(start);
    await deployed;
    return start;
  }
  const answer = async (proplet: FakeProplet, results: string, error: string | null = null) => {
    const { id, invocation_id } = await proplet.next("invoke");
    await proplet.send("invokeResults", {
      task_id: id,
      invocation_id,
      proplet_id: proplet.id,
      results,
      error,
    });
  };

  it("answers invocations by its function's name, failed ones with their error", async () => {
    const proplet = await ours("p1");
    await deployOn(proplet);
    const [result] = await Promise.all([
      rig.manager.functions.invoke("add", { inputs: [1, 2] }),
      answer(proplet, "3"),
    ]);
    expect(result).toBe("3");
    const failing = rig.manager.functions.invoke("add", { inputs: [1] });
    await Promise.all([
      expect(failing).rejects.toMatchObject({ code: "INVOCATION_FAILED", message: "argument count" }),
      answer(proplet, "", "argument count"),
    ]);
  });

  it("is replaced only once the next is ready, and stopped only when it answered what it was asked", async () => {
    const proplet = await ours("p1");
    const first = await deployOn(proplet);
    const slow = rig.manager.functions.invoke("add", {});
    const asked = await proplet.next("invoke");
    const second = await deployOn(proplet);
    expect(await rig.manager.functions.get("add")).toMatchObject({ revision: 2, task_id: second.id });
    expect(proplet.inbox.items.filter(({ kind }) => kind === "stop")).toEqual([]);
    await proplet.send("invokeResults", {
      task_id: first.id,
      invocation_id: asked.invocation_id,
      results: "old",
      error: null,
    });
    expect(await slow).toBe("old");
    expect(await proplet.next("stop")).toMatchObject({ id: first.id });
  });

  it("stays as it was where the next one fails to start", async () => {
    const proplet = await ours("p1");
    const first = await deployOn(proplet);
    const broken = rig.manager.functions.deploy("add", { file: addModule });
    await Promise.all([
      expect(broken).rejects.toMatchObject({
        code: "DEPLOY_FAILED",
        message: expect.stringContaining("bad module"),
      }),
      proplet.next("start").then((start) => proplet.finish(start, "", "bad module")),
    ]);
    expect(await rig.manager.functions.get("add")).toMatchObject({ revision: 1, task_id: first.id });
  });

  it("of a deployment that the manager's end cut off is gone after the next start", async () => {
    const proplet = await ours("p1");
    const first = await deployOn(proplet);
    const cutOff = rig.manager.functions.deploy("add", { file: addModule }).catch(() => undefined);
    const { id } = await proplet.next("start");
    await Promise.all([cutOff, rig.restart()]);
    events = rig.follow();
    await proplet.send("heartbeat", { proplet_id: "p1", status: "alive", boot_id: "p1-1" });
    await expect.poll(() => rig.store.task(String(id))).toBeUndefined();
    expect(await rig.manager.functions.get("add")).toMatchObject({ revision: 1, task_id: first.id });
  });

  it("that was stopped or deleted leaves its function with an error that says so", async () => {
    const proplet = await ours("p1");
    const { id } = await deployOn(proplet);
    await rig.manager.tasks.delete(String(id));
    await expect(rig.manager.functions.invoke("add", {})).rejects.toMatchObject({
      code: "FUNCTION_NOT_RUNNING",
      message: "function add is not running: its task was deleted",
    });
  });

  it("takes its invocations along when its proplet is lost", async () => {
    const first = await ours("p1");
    await deployOn(first);
    const invoked = rig.manager.functions.invoke("add", {});
    await first.next("invoke");
    const second = await ours("p2");
    await first.offline();
    await second.accept(await second.next("start"));
    await answer(second, "3");
    expect(await invoked).toBe("3");
  });

  it("is started again on a legacy proplet that forgot it, and the invocation repeated", async () => {
    const proplet = await join("legacy");
    await Promise.all([rig.manager.functions.deploy("add", { file: addModule }), proplet.next("start")]);
    const invoked = rig.manager.functions.invoke("add", {});
    await answer(proplet, "", "task x has not been precompiled; deploy it as a latent task first");
    await proplet.next("start");
    await answer(proplet, "3");
    expect(await invoked).toBe("3");
  });

  it("that is deleted ends its invocations at once", async () => {
    const proplet = await ours("p1");
    const { id } = await deployOn(proplet);
    const invoked = rig.manager.functions.invoke("add", {});
    const refused = expect(invoked).rejects.toMatchObject({ code: "INVOCATION_FAILED" });
    await proplet.next("invoke");
    await rig.manager.tasks.delete(String(id));
    await refused;
  });

  it("that is unknown or never answers is an error that says which", async () => {
    await expect(rig.manager.functions.invoke("nope", {})).rejects.toMatchObject({
      code: "FUNCTION_NOT_FOUND",
    });
    const proplet = await ours("p1");
    await deployOn(proplet);
    await expect(rig.manager.functions.invoke("add", { timeoutMs: 20 })).rejects.toMatchObject({
      code: "INVOCATION_TIMEOUT",
      message: expect.stringContaining("proplet p1 did not answer"),
    });
  });
});

describe("a proplet", () => {
  it("is registered by a heartbeat alone, and gone by its last will", async () => {
    const proplet = await join("legacy");
    await alive("legacy", true);
    expect(await rig.manager.proplets.get("legacy")).toMatchObject({ alive: true, features: [] });
    await proplet.offline();
    await alive("legacy", false);
    expect(await rig.manager.proplets.list({ ...page, alive: true })).toMatchObject({ total: 0 });
  });

  it("that lives is not believed dead for long by a retained will of an earlier life", async () => {
    const proplet = await join("legacy");
    await alive("legacy", true);
    await proplet.send("heartbeat", { proplet_id: "legacy", status: "offline" }, { retain: true });
    await alive("legacy", false);
    await rig.restart();
    events = rig.follow();
    await proplet.send("heartbeat", { proplet_id: "legacy", status: "alive" });
    await alive("legacy", true);
    expect(await rig.manager.proplets.get("legacy")).toMatchObject({ alive: true });
  });

  it("that falls silent is taken for gone", async () => {
    await rig.close();
    rig = await startRig({ offlineThresholdMs: 100 });
    events = rig.follow();
    const proplet = await ours("p1");
    const task = await run();
    await proplet.accept(await proplet.next("start"));
    await events.take((event) => event.type === "proplet" && !event.alive);
    await reached(task.id, "Pending");
  });

  it("gets a module it asks for by digest, in chunks, on its own topic", async () => {
    const proplet = await ours("p1");
    await run();
    const { digest } = await proplet.next("start");
    await proplet.send("imageRequest", { app_name: digest, digest, proplet_id: "p1" });
    expect(await proplet.next("chunk")).toMatchObject({
      chunk_idx: 0,
      total_chunks: 1,
      data: addModule,
      digest,
    });
  });

  it("whose clock counts from its boot is dated by arrival", async () => {
    const proplet = await ours("zephyr");
    await proplet.send("propletMetrics", { proplet_id: "zephyr", timestamp: 1234 });
    await proplet.send("results", { task_id: "unknown", proplet_id: "zephyr", attempt: 1 });
    await proplet.next("received");
    const { items } = await rig.manager.proplets.metrics("zephyr", page);
    expect(items).toEqual([{ proplet_id: "zephyr", timestamp: expect.stringMatching(/^20\d\d-.*Z$/) }]);
  });

  it("that sends nonsense changes nothing", async () => {
    const proplet = await ours("p1");
    const task = await run();
    await proplet.send("results", { task_id: 5 });
    await proplet.send("accepted", { task_id: task.id, attempt: "one" });
    await proplet.send("results", { task_id: "unknown", proplet_id: "p1", attempt: 1 });
    expect(await proplet.next("received")).toMatchObject({ task_id: "unknown" });
    expect(await rig.manager.tasks.get(task.id)).toMatchObject({ state: TaskState.Scheduled });
  });

  it("can't be deleted while it holds tasks", async () => {
    const proplet = await ours("p1");
    await run();
    const start = await proplet.next("start");
    await expect(rig.manager.proplets.delete("p1")).rejects.toMatchObject({ code: "PROPLET_BUSY" });
    await proplet.finish(start, "3");
    await proplet.next("received");
    await rig.manager.proplets.delete("p1");
    await expect(rig.manager.proplets.get("p1")).rejects.toMatchObject({ code: "PROPLET_NOT_FOUND" });
  });
});

describe("events", () => {
  it("are taken up after the last one seen, and say where some were missed", async () => {
    const seen: RecordedEvent[] = [];
    const first = rig.manager.events.follow(undefined, (event) => seen.push(event));
    await rig.manager.tasks.create({ name: "a", file: addModule });
    first.stop();
    await rig.manager.tasks.create({ name: "b", file: addModule });
    const after: RecordedEvent[] = [];
    expect(rig.manager.events.follow(seen[0]?.id, (event) => after.push(event)).missed).toBe(false);
    expect(after.map(({ event }) => event.type === "task" && event.name)).toEqual(["b"]);
    expect(rig.manager.events.follow("other-1", () => {}).missed).toBe(true);
  });
});
