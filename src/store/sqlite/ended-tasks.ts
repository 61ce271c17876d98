/** Tasks that ended, in the order of their ends: what retention looks at. */
import type { Database } from "better-sqlite3";
import type { TaskState } from "../../model/task-state.ts";
import type { EndedTask, GroupRef } from "../store.ts";

interface Row {
  id: string;
  state: TaskState;
  finish_time: string;
  seq: number;
  job_id: string | null;
  workflow_id: string | null;
}

const fields = "id, state, finish_time, seq, job_id, workflow_id";
const order = "ORDER BY finish_time, seq";
/** An ended one that a schedule starts again is as good as open. */
const isOpen = "(state < 3 OR next_run IS NOT NULL)";

export function endedTasks(database: Database) {
  const oldest = database.prepare<[string, number, number], Row>(
    `SELECT ${fields} FROM tasks WHERE state >= 3 AND (finish_time, seq) > (?, ?) AND next_run IS NULL ${order} LIMIT ?`,
  );
  const ofGroup = (column: "job_id" | "workflow_id") => ({
    open: database.prepare<[string], { seq: number }>(
      `SELECT seq FROM tasks WHERE ${column} = ? AND ${isOpen} LIMIT 1`,
    ),
    last: database.prepare<[string], Row>(
      `SELECT ${fields} FROM tasks WHERE ${column} = ? ORDER BY finish_time DESC, seq DESC LIMIT 1`,
    ),
    ended: database.prepare<[string, number], Row>(
      `SELECT ${fields} FROM tasks WHERE ${column} = ? ORDER BY seq LIMIT ?`,
    ),
  });
  const ofJob = ofGroup("job_id");
  const ofWorkflow = ofGroup("workflow_id");
  const group = (ref: GroupRef) =>
    "job_id" in ref ? { ...ofJob, id: ref.job_id } : { ...ofWorkflow, id: ref.workflow_id };

  return {
    oldest: (limit: number, after?: EndedTask): EndedTask[] =>
      oldest.all(after?.finish_time ?? "", after?.seq ?? 0, limit).map(endedTask),
    lastOf(ref: GroupRef): EndedTask | undefined {
      const { open, last, id } = group(ref);
      return open.get(id) === undefined ? last.all(id).map(endedTask)[0] : undefined;
    },
    of(ref: GroupRef, limit: number): EndedTask[] {
      const { ended, id } = group(ref);
      return ended.all(id, limit).map(endedTask);
    },
  };
}

function endedTask({ job_id, workflow_id, ...row }: Row): EndedTask {
  return {
    ...row,
    ...(job_id === null ? {} : { job_id }),
    ...(workflow_id === null ? {} : { workflow_id }),
  };
}
