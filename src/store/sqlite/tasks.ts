/** Tasks, their attempts and the modules handed in with them. */
import type { Database } from "better-sqlite3";
import type { Task } from "../../model/task.ts";
import { isEnded } from "../../model/task-state.ts";
import type { AttemptRecord, GroupRef, Page } from "../store.ts";

interface Body {
  body: string;
}

/** How many attempts at one task are kept: the latest. */
const ATTEMPTS_KEPT = 100;

interface StateCount {
  state: number;
  n: number;
}

/** SQLite takes a negative limit for none. */
const ALL: Page = { limit: -1, offset: 0 };

export function taskTable(database: Database) {
  // Most writes are of a task that is there already: to try that first is cheaper than an upsert.
  const update = database.prepare<[number, ...(string | null)[]]>(
    "UPDATE tasks SET state = ?, module_digest = ?, next_run = ?, finish_time = ?, body = ? WHERE id = ?",
  );
  const insert = database.prepare<[string, number, ...(string | null)[]]>(
    `INSERT INTO tasks (id, state, module_digest, next_run, finish_time, body, job_id, workflow_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const one = database.prepare<[string], Body>("SELECT body FROM tasks WHERE id = ?");
  // One index each: with both conditions in one, SQLite would read the whole table.
  const live = ["state < 3", "state >= 3 AND next_run IS NOT NULL"].map((condition) =>
    database.prepare<[], Body & { seq: number }>(`SELECT seq, body FROM tasks WHERE ${condition}`),
  );
  const states = "SELECT state, count(*) AS n FROM tasks";
  // From the indexes alone: bodies are large, and most tasks are Completed.
  const tally = database.prepare<[], StateCount>(
    `${states} WHERE state < 3 GROUP BY state
     UNION ALL ${states} WHERE state > 3 GROUP BY state
     UNION ALL SELECT 3, (SELECT count(*) FROM tasks WHERE state >= 3) - (SELECT count(*) FROM tasks WHERE state > 3)`,
  );
  const ofGroup = (column: "job_id" | "workflow_id") => ({
    tasks: database.prepare<[string, number, number], Body>(
      `SELECT body FROM tasks WHERE ${column} = ? ORDER BY seq LIMIT ? OFFSET ?`,
    ),
    span: database.prepare<[string], { start: string | null; finish: string | null }>(
      `SELECT min(body ->> 'start_time') AS start, max(body ->> 'finish_time') AS finish
         FROM tasks WHERE ${column} = ?`,
    ),
    tally: database.prepare<[string], StateCount>(`${states} WHERE ${column} = ? GROUP BY state`),
  });
  const ofJob = ofGroup("job_id");
  const ofWorkflow = ofGroup("workflow_id");
  const group = (ref: GroupRef) =>
    "job_id" in ref ? { ...ofJob, id: ref.job_id } : { ...ofWorkflow, id: ref.workflow_id };
  const remove = database.prepare<[string]>("DELETE FROM tasks WHERE id = ?");
  const removeAttempts = database.prepare<[string]>("DELETE FROM attempts WHERE task_id = ?");
  const removeMetrics = database.prepare<[string]>("DELETE FROM task_metrics WHERE task_id = ?");
  const digestOf = database.prepare<[string], { module_digest: string | null }>(
    "SELECT module_digest FROM tasks WHERE id = ?",
  );
  const removeModule = database.prepare<[string, string]>(
    "DELETE FROM modules WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM tasks WHERE module_digest = ?)",
  );
  // What a manager that was killed had not given up yet.
  database.exec("DELETE FROM modules WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE module_digest = digest)");
  const putAttempt = database.prepare<[string, number, string]>("REPLACE INTO attempts VALUES (?, ?, ?)");
  const removeOldAttempts = database.prepare<[string, number]>(
    "DELETE FROM attempts WHERE task_id = ? AND attempt <= ?",
  );
  const attempts = database.prepare<[string], Body>(
    "SELECT body FROM attempts WHERE task_id = ? ORDER BY attempt",
  );
  const putModule = database.prepare<[string, Uint8Array]>("INSERT OR IGNORE INTO modules VALUES (?, ?)");
  const module = database.prepare<[string], { bytes: Buffer }>("SELECT bytes FROM modules WHERE digest = ?");
  const released = new Set<string>();

  return {
    put(task: Task) {
      const { id, state, job_id = null, workflow_id = null, next_run = null } = task;
      const digest = task.module?.digest ?? null;
      const ended = isEnded(state) ? (task.finish_time ?? task.updated_at ?? task.created_at) : null;
      const body = JSON.stringify(task);
      const { changes } = update.run(state, digest, next_run, ended, body, id);
      if (changes === 0) insert.run(id, state, digest, next_run, ended, body, job_id, workflow_id);
    },
    remove(id: string) {
      const digest = digestOf.get(id)?.module_digest;
      remove.run(id);
      removeAttempts.run(id);
      removeMetrics.run(id);
      if (digest) released.add(digest);
    },
    putAttempt(record: AttemptRecord) {
      const { task_id, attempt } = record;
      putAttempt.run(task_id, attempt, JSON.stringify(record));
      if (attempt > ATTEMPTS_KEPT) removeOldAttempts.run(task_id, attempt - ATTEMPTS_KEPT);
    },
    putModule(digest: string, bytes: Uint8Array) {
      putModule.run(digest, bytes);
    },
    releaseModule(digest: string) {
      released.add(digest);
    },
    /** At the end of a group: a task further on in it may have a module that another one gave up. */
    sweepModules() {
      for (const digest of released) removeModule.run(digest, digest);
      released.clear();
    },
    /** What a group that was rolled back gave up is still had. */
    forgetReleased: () => released.clear(),
    /** Those that a manager has in memory: not ended, or started again by a schedule. */
    open: (): Task[] =>
      live
        .flatMap((rows) => rows.all())
        .sort((a, b) => a.seq - b.seq)
        .map(parse),
    ofGroup(ref: GroupRef, { limit, offset }: Page = ALL): Task[] {
      const { tasks, id } = group(ref);
      return tasks.all(id, limit, offset).map(parse);
    },
    spanOf(ref: GroupRef): { start_time?: string; finish_time?: string } {
      const { span, id } = group(ref);
      const { start, finish } = span.get(id) ?? { start: null, finish: null };
      return {
        ...(start === null ? {} : { start_time: start }),
        ...(finish === null ? {} : { finish_time: finish }),
      };
    },
    tally: (): number[] => counted(tally.all()),
    tallyOf(ref: GroupRef): number[] {
      const of = group(ref);
      return counted(of.tally.all(of.id));
    },
    one: (id: string): Task | undefined => one.all(id).map(parse)[0],
    attempts: (id: string): AttemptRecord[] => attempts.all(id).map(({ body }) => JSON.parse(body)),
    module: (digest: string): Uint8Array | undefined => module.get(digest)?.bytes,
  };
}

function counted(rows: StateCount[]): number[] {
  const counts = [0, 0, 0, 0, 0, 0, 0];
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}

/** The store trusts what it wrote itself. */
function parse({ body }: Body): Task {
  return JSON.parse(body) as Task;
}
