/** Tasks, their attempts and the modules handed in with them. */
import type { Database } from "better-sqlite3";
import type { Task } from "../../model/task.ts";
import type { AttemptRecord, Listed, Page } from "../store.ts";
import { contains } from "./contains.ts";

interface Body {
  body: string;
}

export function taskTable(database: Database) {
  const put = database.prepare<[string, number, string | null, string]>(
    `INSERT INTO tasks (id, state, module_digest, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, module_digest = excluded.module_digest, body = excluded.body`,
  );
  const one = database.prepare<[string], Body>("SELECT body FROM tasks WHERE id = ?");
  const open = database.prepare<[], Body>("SELECT body FROM tasks WHERE state < 3 ORDER BY seq");
  const page = database.prepare<[number, number], Body>(
    "SELECT body FROM tasks ORDER BY seq LIMIT ? OFFSET ?",
  );
  const every = database.prepare<[], Body>("SELECT body FROM tasks ORDER BY seq");
  const count = database.prepare<[], { n: number }>("SELECT count(*) AS n FROM tasks");
  const remove = database.prepare<[string]>("DELETE FROM tasks WHERE id = ?");
  const removeAttempts = database.prepare<[string]>("DELETE FROM attempts WHERE task_id = ?");
  const removeMetrics = database.prepare<[string]>("DELETE FROM task_metrics WHERE task_id = ?");
  const digestOf = database.prepare<[string], { module_digest: string | null }>(
    "SELECT module_digest FROM tasks WHERE id = ?",
  );
  const removeModule = database.prepare<[string, string]>(
    "DELETE FROM modules WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM tasks WHERE module_digest = ?)",
  );
  const putAttempt = database.prepare<[string, number, string]>("REPLACE INTO attempts VALUES (?, ?, ?)");
  const attempts = database.prepare<[string], Body>(
    "SELECT body FROM attempts WHERE task_id = ? ORDER BY attempt",
  );
  const putModule = database.prepare<[string, Uint8Array]>("INSERT OR IGNORE INTO modules VALUES (?, ?)");
  const module = database.prepare<[string], { bytes: Buffer }>("SELECT bytes FROM modules WHERE digest = ?");

  return {
    put(task: Task) {
      put.run(task.id, task.state, task.module?.digest ?? null, JSON.stringify(task));
    },
    remove(id: string) {
      const digest = digestOf.get(id)?.module_digest;
      remove.run(id);
      removeAttempts.run(id);
      removeMetrics.run(id);
      if (digest) removeModule.run(digest, digest);
    },
    putAttempt(record: AttemptRecord) {
      putAttempt.run(record.task_id, record.attempt, JSON.stringify(record));
    },
    putModule(digest: string, bytes: Uint8Array) {
      putModule.run(digest, bytes);
    },
    releaseModule(digest: string) {
      removeModule.run(digest, digest);
    },
    open: (): Task[] => open.all().map(parse),
    one: (id: string): Task | undefined => one.all(id).map(parse)[0],
    attempts: (id: string): AttemptRecord[] => attempts.all(id).map(({ body }) => JSON.parse(body)),
    module: (digest: string): Uint8Array | undefined => module.get(digest)?.bytes,
    page({ offset, limit }: Page, metadata?: Record<string, unknown>): Listed<Task> {
      if (metadata === undefined) {
        return { total: count.get()?.n ?? 0, items: page.all(limit, offset).map(parse) };
      }
      const found: Listed<Task> = { total: 0, items: [] };
      for (const row of every.iterate()) {
        const task = parse(row);
        if (!contains(task.metadata, metadata)) continue;
        if (found.total >= offset && found.items.length < limit) found.items.push(task);
        found.total += 1;
      }
      return found;
    },
  };
}

/** The store trusts what it wrote itself. */
function parse({ body }: Body): Task {
  return JSON.parse(body) as Task;
}
