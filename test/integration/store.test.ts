import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Task } from "../../src/model/task.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { idleTask } from "../../src/model/testing/task.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";

const writer = fileURLToPath(new URL("../support/store-writer.ts", import.meta.url));
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
    const even = await store.tasks({ offset: 1, limit: 1 }, { n: { even: true } });
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
