import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Task } from "../../src/model/task.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { idleTask } from "../../src/model/testing/task.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Change, Store } from "../../src/store/store.ts";

const writer = fileURLToPath(new URL("../support/store-writer.ts", import.meta.url));
const fullDisk = fileURLToPath(new URL("../support/full-disk.ts", import.meta.url));
const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
const page = { offset: 0, limit: 10 };

let directory: string;
let path: string;
let store: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "prop-store-"));
  path = join(directory, "deep", "prop.db");
  store = openSqliteStore({ path });
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const task = (id: string, fields: Partial<Task> = {}): Task => idleTask({ id, ...fields });
const module = { digest: `sha256:${"a".repeat(64)}`, sizeBytes: 3, preview: "" };
const put = (one: Task) => store.commit([{ kind: "task", task: one }]);
async function reopen() {
  await store.close();
  store = openSqliteStore({ path });
}

describe("the store", () => {
  it("loads what it was given before it was closed, but no task that ended", async () => {
    const { instanceId } = await store.load();
    await put(task("open", { metadata: { team: "x" } }));
    await put(task("ended", { state: TaskState.Completed, results: "5" }));
    const record = { name: "f", revision: 1, task_id: "open", created_at: "", updated_at: "" };
    await store.commit([{ kind: "function", record }]);
    await reopen();
    expect(await store.load()).toMatchObject({ instanceId, tasks: [{ id: "open" }], functions: [record] });
    expect(await store.task("ended")).toMatchObject({ results: "5" });
  });

  it("sweeps modules away that nobody had when its manager was killed", async () => {
    const other = { ...module, digest: `sha256:${"b".repeat(64)}` };
    for (const { digest } of [module, other])
      await store.commit([{ kind: "module", digest, bytes: new Uint8Array(3) }]);
    await put(task("a", { module }));
    await reopen();
    expect(await store.module(module.digest)).toHaveLength(3);
    expect(await store.module(other.digest)).toBeUndefined();
  });

  it("loses nothing it acknowledged when it is killed at any moment", async () => {
    await store.close();
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [writer, path, `r${round}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      const killAfter = 500 + round * 777;
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (printed.length > killAfter) child.kill("SIGKILL");
      });
      await once(child, "close");
      const acknowledged = printed.split("\n").slice(0, -1);
      store = openSqliteStore({ path });
      const missing: string[] = [];
      for (const id of acknowledged) if ((await store.task(id)) === undefined) missing.push(id);
      expect({ some: acknowledged.length > 0, missing }).toEqual({ some: true, missing: [] });
      await store.close();
    }
  });

  it("acknowledges changes of one tick together and keeps the last of each", async () => {
    await Promise.all([put(task("a", { name: "one" })), put(task("a", { name: "two" })), put(task("b"))]);
    expect(await store.tasks(page)).toMatchObject({
      total: 2,
      items: [{ id: "a", name: "two" }, { id: "b" }],
    });
  });

  it("shows a query what was committed before it, also when it is not on disk yet", async () => {
    void put(task("a"));
    expect(await store.task("a")).toMatchObject({ id: "a" });
  });

  it("pages in the order of creation, and by what metadata contains", async () => {
    for (let index = 0; index < 5; index++)
      await put(task(`t${index}`, { metadata: { n: { even: index % 2 === 0, index } } }));
    await put(task("t0", { name: "changed", metadata: { n: { even: true, index: 0 } } }));
    expect((await store.tasks({ offset: 1, limit: 2 })).items.map(({ id }) => id)).toEqual(["t1", "t2"]);
    const even = await store.tasks({ offset: 1, limit: 1 }, { metadata: { n: { even: true } } });
    expect({ total: even.total, ids: even.items.map(({ id }) => id) }).toEqual({ total: 3, ids: ["t2"] });
  });

  it("keeps a module as long as a task has it", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const withModule = (id: string) => put(task(id, { module }));
    await store.commit([{ kind: "module", digest: module.digest, bytes }]);
    await Promise.all([withModule("a"), withModule("b")]);
    await store.commit([{ kind: "taskDeleted", id: "a" }]);
    expect(await store.module(module.digest)).toEqual(Buffer.from(bytes));
    const released = { kind: "moduleReleased", digest: module.digest } as const;
    await store.commit([released]);
    expect(await store.module(module.digest)).toBeDefined();
    await store.commit([{ kind: "task", task: task("b") }, released]);
    expect(await store.module(module.digest)).toBeUndefined();
  });

  it("keeps the latest metrics of each, newest first", async () => {
    for (let index = 0; index < 510; index++) {
      await store.commit([{ kind: "propletMetrics", metrics: { proplet_id: "p", timestamp: index } }]);
    }
    const found = await store.propletMetrics("p", { offset: 0, limit: 2 });
    expect(found).toEqual({
      total: 500,
      items: [
        { proplet_id: "p", timestamp: 509 },
        { proplet_id: "p", timestamp: 508 },
      ],
    });
  });

  it("lists tasks by their state", async () => {
    const states = [
      TaskState.Completed,
      TaskState.Failed,
      TaskState.Running,
      TaskState.Completed,
      TaskState.Failed,
    ];
    for (const [index, state] of states.entries()) await put(task(`t${index}`, { state }));
    const found = async (state: TaskState, metadata?: Record<string, unknown>) => {
      const { total, items } = await store.tasks(
        { offset: 0, limit: 1 },
        { state, ...(metadata && { metadata }) },
      );
      return [total, ...items.map(({ id }) => id)];
    };
    expect(await found(TaskState.Failed)).toEqual([2, "t1"]);
    expect(await found(TaskState.Completed)).toEqual([2, "t0"]);
    expect(await found(TaskState.Running)).toEqual([1, "t2"]);
    expect(await found(TaskState.Pending)).toEqual([0]);
    await put(task("t9", { state: TaskState.Failed, metadata: { team: 'a "quoted" one' } }));
    expect(await found(TaskState.Failed, { team: 'a "quoted" one' })).toEqual([1, "t9"]);
    expect(await found(TaskState.Completed, { team: 'a "quoted" one' })).toEqual([0]);
  });

  it("lets others have their turn while it looks through many tasks for what their metadata contain", async () => {
    const changes = Array.from({ length: 10_000 }, (_, index): Change => {
      return {
        kind: "task",
        task: task(`t${index}`, { metadata: { team: index % 2_500 === 0 ? "x" : "y" } }),
      };
    });
    await store.commit(changes);
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const found = await store.tasks({ offset: 1, limit: 2 }, { metadata: { team: "x" } });
    clearImmediate(next);
    expect([found.total, ...found.items.map(({ id }) => id)]).toEqual([4, "t2500", "t5000"]);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it("refuses a change that it can never keep, and writes those that came with it in one group", async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const outcomes = await Promise.allSettled([
      put(task("a")),
      put(task("bad", { metadata: circular })),
      put(task("b")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({
      reason: { code: "CHANGE_REFUSED", message: expect.stringContaining("task bad") },
    });
    await put(task("c"));
    await reopen();
    expect((await store.tasks(page)).items.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it.skipIf(!hasPrlimit)(
    "says that the disk is full, writes no half, and goes on when there is room",
    async () => {
      await store.close();
      const { stdout } = await promisify(execFile)(process.execPath, [fullDisk, path]);
      const { written, failure } = JSON.parse(stdout);
      expect(failure).toMatchObject({
        code: "STORE_FAILED",
        message: expect.stringMatching(/^the store could not be written: .*(disk|full)/),
      });
      expect(written).toBeGreaterThan(3);
      store = openSqliteStore({ path });
      const ids = (await store.tasks({ offset: 0, limit: 1_000 })).items.map(({ id }) => id);
      const expected = Array.from({ length: written + 1 }, (_, index) => [`a${index}`, `b${index}`]);
      expect(ids).toEqual([...expected.flat(), "last"]);
    },
  );

  it("keeps the latest attempts at a task that runs again and again", async () => {
    for (let attempt = 1; attempt <= 130; attempt++) {
      const record = { task_id: "t", attempt, proplet_id: "p", dispatched_at: "" };
      await store.commit([{ kind: "attempt", attempt: record }]);
    }
    const kept = (await store.attempts("t")).map(({ attempt }) => attempt);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([100, 31, 130]);
  });

  it("deletes samples that are too old or too many, some at a time", async () => {
    const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1_000).toISOString();
    const samples = Array.from({ length: 600 }, (_, index): Change => {
      const metrics = { task_id: `t${index % 10}`, proplet_id: "p", metrics: {}, timestamp: index };
      return { kind: "taskMetrics", metrics, at: at(index) };
    });
    await store.commit(samples);
    const left = async () => (await store.taskMetrics("t0", { offset: 0, limit: 1 })).total;
    const old = { before: at(250), count: 1_000 };
    expect(await store.trimMetrics(old)).toBe(true);
    expect(await left()).toBe(40);
    expect(await store.trimMetrics(old)).toBe(false);
    expect(await left()).toBe(35);
    expect(await store.trimMetrics({ count: 300 })).toBe(false);
    expect(await left()).toBe(30);
  });

  it("gives space back where much of it is unused", async () => {
    const large = "x".repeat(100_000);
    for (let index = 0; index < 200; index++) await put(task(`t${index}`, { results: large }));
    const changes = Array.from(
      { length: 200 },
      (_, index): Change => ({ kind: "taskDeleted", id: `t${index}` }),
    );
    await store.commit(changes);
    await reopen();
    const before = (await stat(path)).size;
    let steps = 0;
    while (await store.shrink()) steps += 1;
    await reopen();
    expect(steps).toBeGreaterThan(2);
    expect((await stat(path)).size).toBeLessThan(before / 1.5);
  });

  it("keeps a module that one task gives up and a new one has, in whichever order they are written", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const handedIn: Change = { kind: "module", digest: module.digest, bytes };
    await store.commit([handedIn, { kind: "task", task: task("old", { module }) }]);
    await Promise.all([
      store.commit([handedIn, { kind: "task", task: task("new", { module }) }]),
      store.commit([{ kind: "taskDeleted", id: "old" }]),
      put(task("new", { module, state: TaskState.Scheduled })),
    ]);
    expect(await store.module(module.digest)).toEqual(Buffer.from(bytes));
    await store.commit([{ kind: "taskDeleted", id: "new" }]);
    expect(await store.module(module.digest)).toBeUndefined();
  });

  it("is its owner's alone, its folder too", async () => {
    await put(task("a"));
    const modeOf = async (file: string) => (await stat(file)).mode & 0o777;
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(`${path}-wal`)).toBe(0o600);
    expect(await modeOf(join(directory, "deep"))).toBe(0o700);
  });

  it("says that another process has it", () => {
    expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ code: "STORE_IN_USE" }));
  });

  it("refuses a file that is no store, and one of a newer prop", async () => {
    const other = join(directory, "other.db");
    await writeFile(other, "this is no database, and long enough that it is not taken for an empty one");
    expect(() => openSqliteStore({ path: other })).toThrow(
      expect.objectContaining({ code: "STORE_INVALID" }),
    );
    await store.close();
    const database = new Database(path);
    database.pragma("user_version = 99");
    database.close();
    expect(() => openSqliteStore({ path })).toThrow(expect.objectContaining({ code: "STORE_TOO_NEW" }));
  });
});
