/** The schema's history. A migration that has shipped is never edited; the next one is added below it. */
import type { Database } from "better-sqlite3";
import { PropError } from "../../errors.ts";

const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE tasks (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state INTEGER NOT NULL,
     module_digest TEXT, body TEXT NOT NULL);
   CREATE INDEX tasks_open ON tasks (state) WHERE state < 3;
   CREATE INDEX tasks_module ON tasks (module_digest) WHERE module_digest IS NOT NULL;
   CREATE TABLE attempts (task_id TEXT NOT NULL, attempt INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (task_id, attempt)) WITHOUT ROWID;
   CREATE TABLE modules (digest TEXT PRIMARY KEY, bytes BLOB NOT NULL);
   CREATE TABLE proplets (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE functions (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE proplet_metrics (seq INTEGER PRIMARY KEY, proplet_id TEXT NOT NULL, body TEXT NOT NULL);
   CREATE INDEX proplet_metrics_of ON proplet_metrics (proplet_id, seq);
   CREATE TABLE task_metrics (seq INTEGER PRIMARY KEY, task_id TEXT NOT NULL, body TEXT NOT NULL);
   CREATE INDEX task_metrics_of ON task_metrics (task_id, seq);`,
];

/** Brings a database to the newest schema, each step in a transaction of its own. */
export function migrate(database: Database, path: string): void {
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    throw new PropError({
      code: "STORE_TOO_NEW",
      message: `${path} was written by a newer prop (schema ${version}, this one knows ${migrations.length})`,
      hint: "Use that version, or another data directory.",
    });
  }
  migrations.slice(version).forEach((sql, index) => {
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}
