/** The embedded store: one SQLite file in WAL mode, one writer, one transaction a tick. */
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { messageOf, PropError } from "../../errors.ts";
import type { FunctionRecord } from "../../model/function.ts";
import type { JobRecord } from "../../model/job.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { TokenRecord } from "../../model/token.ts";
import type { WorkflowRecord } from "../../model/workflow.ts";
import type { PropletMetrics, TaskMetrics } from "../../protocol/messages/metrics.ts";
import type { Change, Store, WrittenGroup } from "../store.ts";
import { endedTasks } from "./ended-tasks.ts";
import type { ChangeOf, Writers } from "./entity.ts";
import { groupCommit } from "./group-commit.ts";
import { groupTable } from "./groups.ts";
import { manifestTable } from "./manifests.ts";
import { metricsTable } from "./metrics.ts";
import { migrate } from "./migrations.ts";
import { recordTable } from "./records.ts";
import { giveSpaceBack, shrink } from "./space.ts";
import { taskLists } from "./task-lists.ts";
import { taskTable } from "./tasks.ts";

export interface SqliteOptions {
  /** The database file; folders above it are made. */
  path: string;
  /**
   * "normal" (the default) survives a kill of the process at any moment; "full" also waits for the disk at each
   * commit, and so survives a power cut.
   */
  synchronous?: "normal" | "full";
}

/** How long a manager that is about to end may keep the file. Milliseconds. */
const IN_USE_AFTER_MS = 1_000;

/**
 * Opens the store, and creates it where there is none.
 * @throws PropError `STORE_IN_USE` where another process has it, `STORE_INVALID` where the file is no store of ours
 */
export function openSqliteStore({ path, synchronous = "normal" }: SqliteOptions): Store {
  const database = open(path, synchronous);
  const tasks = taskTable(database);
  const taskList = taskLists(database);
  const ended = endedTasks(database);
  const proplets = recordTable<Proplet>(database, "proplets");
  const functions = recordTable<FunctionRecord>(database, "functions");
  const tokens = recordTable<TokenRecord>(database, "tokens");
  const jobs = groupTable<JobRecord>(database, "jobs");
  const workflows = groupTable<WorkflowRecord>(database, "workflows");
  const manifests = manifestTable(database);
  const propletMetrics = metricsTable<PropletMetrics>(database, "proplet");
  const taskMetrics = metricsTable<TaskMetrics>(database, "task");

  const writers: Writers = {
    task: ({ task }) => tasks.put(task),
    taskDeleted: ({ id }) => tasks.remove(id),
    attempt: ({ attempt }) => tasks.putAttempt(attempt),
    module: ({ digest, bytes }) => tasks.putModule(digest, bytes),
    moduleReleased: ({ digest }) => tasks.releaseModule(digest),
    proplet: ({ proplet }) => proplets.put(proplet.id, proplet),
    propletDeleted: ({ id }) => {
      proplets.remove(id);
      propletMetrics.remove(id);
    },
    function: ({ record }) => functions.put(record.name, record),
    functionDeleted: ({ name }) => functions.remove(name),
    job: ({ job }) => jobs.put(job),
    jobDeleted: ({ id }) => jobs.remove(id),
    workflow: ({ workflow }) => workflows.put(workflow),
    workflowDeleted: ({ id }) => workflows.remove(id),
    token: ({ token }) => tokens.put(token.id, token),
    tokenDeleted: ({ id }) => tokens.remove(id),
    manifest: ({ manifest }) => manifests.put(manifest),
    manifestDeleted: ({ key }) => manifests.remove(key),
    propletMetrics: ({ metrics, at }) => propletMetrics.put(metrics.proplet_id, metrics, at),
    taskMetrics: ({ metrics, at }) => taskMetrics.put(metrics.task_id, metrics, at),
  };
  const writeOne = <K extends Change["kind"]>(change: ChangeOf<K> & { kind: K }) =>
    writers[change.kind](change);
  const writeAll = database.transaction((changes: Change[]) => {
    tasks.forgetReleased();
    for (const change of changes) writeOne(change);
    tasks.sweepModules();
  });
  const listeners = new Set<(written: WrittenGroup) => void>();
  const group = groupCommit((changes) => {
    const startedAt = performance.now();
    writeAll.immediate(changes);
    const ms = performance.now() - startedAt;
    for (const listener of listeners) listener({ changes: changes.length, ms });
  });
  const reading = <T>(query: () => T): Promise<T> => {
    group.flush();
    return Promise.resolve(query());
  };

  return {
    load: async () => ({
      instanceId: instanceId(database),
      tasks: tasks.open(),
      proplets: proplets.all(),
      functions: functions.all(),
      tokens: tokens.all(),
      tally: tasks.tally(),
    }),
    commit: group.commit,
    failure: group.failure,
    onWrite(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    task: (id) => reading(() => tasks.one(id)),
    tasks: async (window, filter) => {
      group.flush();
      return taskList.page(window, filter);
    },
    tasksOf: (ref, page) => reading(() => tasks.ofGroup(ref, page)),
    spanOf: (ref) => reading(() => tasks.spanOf(ref)),
    tallyOf: (ref) => reading(() => tasks.tallyOf(ref)),
    job: (id) => reading(() => jobs.one(id)),
    jobs: (window) => reading(() => jobs.page(window)),
    workflow: (id) => reading(() => workflows.one(id)),
    workflows: (window) => reading(() => workflows.page(window)),
    manifest: (key) => reading(() => manifests.one(key)),
    manifests: (kind) => reading(() => manifests.ofKind(kind)),
    manifestsOf: (kind, ids) => reading(() => manifests.ofObjects(kind, ids)),
    unfinishedManifests: () => reading(() => manifests.unfinished()),
    attempts: (taskId) => reading(() => tasks.attempts(taskId)),
    oldestEnded: (limit, after) => reading(() => ended.oldest(limit, after)),
    lastEndedOf: (ref) => reading(() => ended.lastOf(ref)),
    endedOf: (ref, limit) => reading(() => ended.of(ref, limit)),
    trimMetrics: (limits) =>
      reading(() => [propletMetrics.trim(limits), taskMetrics.trim(limits)].includes(true)),
    shrink: () => reading(() => shrink(database)),
    module: (digest) => reading(() => tasks.module(digest)),
    propletMetrics: (id, window) => reading(() => propletMetrics.page(id, window)),
    taskMetrics: (id, window) => reading(() => taskMetrics.page(id, window)),
    async close() {
      if (!database.open) return;
      group.close();
      database.close();
    },
  };
}

function open(path: string, synchronous: string): Database.Database {
  try {
    // Its owner's alone, and so are the files that SQLite makes beside it.
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    const database = new Database(path, { timeout: IN_USE_AFTER_MS });
    database.pragma("locking_mode = EXCLUSIVE");
    giveSpaceBack(database);
    database.pragma("journal_mode = WAL");
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma("wal_autocheckpoint = 4000");
    migrate(database, path);
    return database;
  } catch (error) {
    throw error instanceof PropError ? error : cannotOpen(path, error);
  }
}

function cannotOpen(path: string, cause: unknown): PropError {
  const reason = messageOf(cause);
  if (reason.includes("locked") || reason.includes("busy")) {
    return new PropError({
      code: "STORE_IN_USE",
      message: `another process uses the store ${path}`,
      hint: "Stop that manager first, or give this one a data directory of its own.",
      cause,
    });
  }
  return new PropError({ code: "STORE_INVALID", message: `cannot open the store ${path}: ${reason}`, cause });
}

/** Made once with the store: the identity of the manager that uses it. */
function instanceId(database: Database.Database): string {
  database.prepare("INSERT OR IGNORE INTO meta VALUES ('instance_id', ?)").run(randomUUID());
  const row = database
    .prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'instance_id'")
    .get();
  return row?.value ?? "";
}
