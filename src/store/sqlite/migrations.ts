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
  `ALTER TABLE tasks ADD COLUMN job_id TEXT;
   ALTER TABLE tasks ADD COLUMN workflow_id TEXT;
   ALTER TABLE tasks ADD COLUMN next_run TEXT;
   ALTER TABLE tasks ADD COLUMN finish_time TEXT;
   CREATE INDEX tasks_job ON tasks (job_id, seq) WHERE job_id IS NOT NULL;
   CREATE INDEX tasks_workflow ON tasks (workflow_id, seq) WHERE workflow_id IS NOT NULL;
   CREATE INDEX tasks_scheduled ON tasks (next_run) WHERE next_run IS NOT NULL;
   CREATE INDEX tasks_ended ON tasks (finish_time) WHERE state >= 3;
   CREATE TABLE jobs (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
   CREATE TABLE workflows (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
   CREATE TABLE tokens (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
   UPDATE tasks SET finish_time = coalesce(body ->> 'finish_time', body ->> 'created_at') WHERE state >= 3;`,
  `ALTER TABLE proplet_metrics ADD COLUMN at TEXT;
   ALTER TABLE task_metrics ADD COLUMN at TEXT;
   CREATE INDEX tasks_not_completed ON tasks (state) WHERE state > 3;`,
  `CREATE TABLE manifests (kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, object_id TEXT NOT NULL,
     unfinished INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, namespace, name)) WITHOUT ROWID;
   CREATE INDEX manifests_object ON manifests (kind, object_id);
   CREATE INDEX manifests_unfinished ON manifests (unfinished) WHERE unfinished = 1;
   CREATE TRIGGER manifests_task AFTER DELETE ON tasks
     BEGIN DELETE FROM manifests WHERE kind = 'Task' AND object_id = old.id; END;
   CREATE TRIGGER manifests_job AFTER DELETE ON jobs
     BEGIN DELETE FROM manifests WHERE kind = 'Job' AND object_id = old.id; END;
   CREATE TRIGGER manifests_workflow AFTER DELETE ON workflows
     BEGIN DELETE FROM manifests WHERE kind = 'Workflow' AND object_id = old.id; END;
   CREATE TRIGGER manifests_proplet AFTER DELETE ON proplets
     BEGIN DELETE FROM manifests WHERE kind = 'Proplet' AND object_id = old.id; END;
   CREATE TRIGGER manifests_function AFTER DELETE ON functions
     BEGIN DELETE FROM manifests WHERE kind = 'Function' AND object_id = old.name; END;`,
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
