/** What the store costs: tasks a second through it, by size of group, by `synchronous` and by index; and how it grows. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { newId } from "../src/manager/new-id.ts";
import type { Task } from "../src/model/task.ts";
import { TaskState } from "../src/model/task-state.ts";
import { openSqliteStore, type SqliteOptions } from "../src/store/sqlite/store.ts";
import type { Change, Store } from "../src/store/store.ts";
import { percentiles } from "./support/figures.ts";

export interface StoreLoad {
  tasks: number;
  /** How many tasks are written in one transaction. */
  group: number;
  synchronous: NonNullable<SqliteOptions["synchronous"]>;
  /** Secondary indexes of the tasks, those that a list, a job or retention reads by. */
  indexes: boolean;
  /** Ids that begin with the time, as tasks have them, or random ones. */
  ids: "time" | "random";
}

export interface StoreFigures {
  tasksPerSecond: number;
  /** Of this process, a task: other work on the machine hardly shows in it. */
  cpuMicroseconds: number;
  /** Of the file, for each 1,000 tasks that ended. */
  bytesPerThousand: number;
}

/** The three moments of a task that reach the disk, as the manager writes them. */
function life(id: string): [Change, Change, Change[]] {
  const created_at = new Date().toISOString();
  const queued: Task = {
    id,
    name: "add",
    kind: "standard",
    state: TaskState.Pending,
    module: { digest: `sha256:${"a".repeat(64)}`, sizeBytes: 41, preview: "AGFzbQEAAA<REDACTED>AgACABags=" },
    inputs: ["1", "2"],
    daemon: false,
    latent: false,
    encrypted: false,
    pinned: false,
    priority: 50,
    created_at,
    updated_at: created_at,
    queued_at: created_at,
    attempt: 0,
    lost: 0,
  };
  const { queued_at: _, ...placed } = queued;
  const running: Task = {
    ...placed,
    state: TaskState.Running,
    proplet_id: "proplet-1",
    attempt: 1,
    start_time: created_at,
  };
  const completed: Task = { ...running, state: TaskState.Completed, results: "3", finish_time: created_at };
  const attempt = {
    task_id: id,
    attempt: 1,
    proplet_id: "proplet-1",
    dispatched_at: created_at,
    ended_at: created_at,
    outcome: "completed" as const,
  };
  return [
    { kind: "task", task: queued },
    { kind: "task", task: running },
    [
      { kind: "attempt", attempt },
      { kind: "task", task: completed },
    ],
  ];
}

/** Writes tasks from their start to their end, `group` of them at a time. */
export async function benchStore(load: StoreLoad): Promise<StoreFigures> {
  const directory = await mkdtemp(join(tmpdir(), "prop-bench-"));
  const path = join(directory, "prop.db");
  try {
    await openSqliteStore({ path }).close();
    if (!load.indexes) dropIndexes(path);
    const store = openSqliteStore({ path, synchronous: load.synchronous });
    const start = performance.now();
    const cpu = process.cpuUsage();
    for (let done = 0; done < load.tasks; done += load.group) await writeLives(store, load);
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1_000;
    await store.close();
    const { size } = await stat(path);
    return {
      tasksPerSecond: load.tasks / seconds,
      cpuMicroseconds: (user + system) / load.tasks,
      bytesPerThousand: (size / load.tasks) * 1_000,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function writeLives(store: Store, { group, ids }: StoreLoad): Promise<void> {
  const lives = Array.from({ length: group }, () => life(ids === "time" ? newId() : crypto.randomUUID()));
  await write(
    store,
    lives.map(([queued]) => queued),
  );
  await write(
    store,
    lives.map(([, running]) => running),
  );
  await write(
    store,
    lives.flatMap(([, , ended]) => ended),
  );
}

/** Without the millisecond that a commit gathers under load: a query has what waits written at once. */
async function write(store: Store, changes: Change[]): Promise<void> {
  const saved = store.commit(changes);
  await store.task("");
  await saved;
}

function dropIndexes(path: string): void {
  const database = new Database(path);
  const indexes = database
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    .all();
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  database.close();
}

/** How long the event loop stands still, at most, while a list is filtered by metadata; milliseconds. */
export async function benchMetadataFilter(tasks = 100_000): Promise<{ ms: number; longestTurnMs: number }> {
  const directory = await mkdtemp(join(tmpdir(), "prop-bench-"));
  const store = openSqliteStore({ path: join(directory, "prop.db") });
  for (let done = 0; done < tasks; done += 1_000) {
    const changes = Array.from({ length: 1_000 }, (_, index): Change => {
      const [change] = life(newId());
      const metadata = { team: index % 100 === 0 ? "x" : "y", n: index };
      return change.kind === "task" ? { kind: "task", task: { ...change.task, metadata } } : change;
    });
    await store.commit(changes);
  }
  let longestTurnMs = 0;
  let last = performance.now();
  let next = setImmediate(function turn() {
    longestTurnMs = Math.max(longestTurnMs, performance.now() - last);
    last = performance.now();
    next = setImmediate(turn);
  });
  const start = performance.now();
  const { total } = await store.tasks({ offset: 0, limit: 100 }, { metadata: { team: "x" } });
  const ms = performance.now() - start;
  clearImmediate(next);
  await store.close();
  await rm(directory, { recursive: true });
  if (total !== tasks / 100) throw new Error(`${total} tasks were found, not ${tasks / 100}`);
  return { ms, longestTurnMs };
}

const usual: StoreLoad = { tasks: 10_000, group: 16, synchronous: "normal", indexes: true, ids: "time" };

/** What is compared: each with the usual load, but for one thing. */
const loads: [string, StoreLoad][] = [
  ["16 tasks a transaction", usual],
  ["1 task a transaction", { ...usual, tasks: 2_000, group: 1 }],
  ["64 tasks a transaction", { ...usual, group: 64 }],
  ["1,000 tasks a transaction", { ...usual, group: 1_000 }],
  ["no secondary indexes", { ...usual, indexes: false }],
  ["random ids", { ...usual, ids: "random" }],
  ["synchronous=full, 1 task", { ...usual, synchronous: "full", tasks: 300, group: 1 }],
  ["synchronous=full, 16 tasks", { ...usual, synchronous: "full", tasks: 3_000 }],
  ["synchronous=full, 64 tasks", { ...usual, synchronous: "full", group: 64 }],
];
const ROUNDS = 3;

if (import.meta.main) {
  const results = new Map<string, StoreFigures[]>();
  // One after another in each round, so that what else the machine does falls on all of them.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, load] of loads) {
      results.set(name, [...(results.get(name) ?? []), await benchStore(load)]);
    }
  }
  for (const [name, figures] of results) {
    const median = (of: (figures: StoreFigures) => number) =>
      Math.round(percentiles(figures.map(of)).p50).toLocaleString("en");
    const rate = `${median((one) => one.tasksPerSecond)} tasks/s`;
    const cpu = `${median((one) => one.cpuMicroseconds)} µs of CPU a task`;
    const growth = `${median((one) => one.bytesPerThousand / 1024)} KiB a 1,000 tasks`;
    console.log(`${name.padEnd(28)}${rate.padEnd(18)}${cpu.padEnd(24)}${growth}`);
  }
  const { ms, longestTurnMs } = await benchMetadataFilter();
  console.log(
    `metadata filter over 100,000 tasks: ${ms.toFixed(0)} ms, longest turn ${longestTurnMs.toFixed(1)} ms`,
  );
}
