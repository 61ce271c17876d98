/** What it means for one task by itself that it belongs to a job or a workflow: to be added, changed, started, deleted. */
import { PropError } from "../../errors.ts";
import type { Task } from "../../model/task.ts";
import type { Change, GroupRef, Store } from "../../store/store.ts";
import type { State } from "../state/state.ts";
import { checkDag, refused } from "./group-tasks.ts";
import { type Groups, refOf } from "./groups.ts";

export interface Membership {
  /** Of tasks of the same group one after another, so that none overwrites what another wrote of the group. */
  inTurn<T>(task: Task, work: () => Promise<T>): Promise<T>;
  /**
   * What has to be written with a new task.
   * @throws PropError `TASK_INVALID` where its group doesn't exist, or would be no graph any more
   */
  joining(task: Task): Promise<Change[]>;
  /** @throws PropError `TASK_INVALID` where its group would be no graph any more */
  checkChange(before: Task, after: Task): Promise<void>;
  /** It was added, or what it depends on has changed. */
  changed(task: Task): Promise<void>;
  /** Whether it waits for others that have not ended: it starts after them, and not before. */
  waits(task: Task): Promise<boolean>;
  /**
   * What has to be written with its end.
   * @throws PropError `TASK_NEEDED` while others depend on it
   */
  leaving(task: Task): Promise<Change[]>;
}

export function createMembership(dependencies: { state: State; store: Store; groups: Groups }): Membership {
  const { state, store, groups } = dependencies;
  const turns = new Map<string, Promise<unknown>>();

  async function checkGraph(task: Task, ref: GroupRef): Promise<void> {
    const others = (await store.tasksOf(ref)).filter(({ id }) => id !== task.id);
    checkDag([...others.map((row) => state.tasks.get(row.id) ?? row), task], "TASK_INVALID");
  }

  /** The record of the group with other tasks; gone with its last one. */
  async function recordWith(ref: GroupRef, change: (ids: string[]) => string[]): Promise<Change[]> {
    if ("job_id" in ref) {
      const job = await store.job(ref.job_id);
      if (job === undefined) return [];
      const task_ids = change(job.task_ids);
      return task_ids.length === 0
        ? [{ kind: "jobDeleted", id: job.id }]
        : [{ kind: "job", job: { ...job, task_ids } }];
    }
    const workflow = await store.workflow(ref.workflow_id);
    if (workflow === undefined) return [];
    const task_ids = change(workflow.task_ids);
    return task_ids.length === 0
      ? [{ kind: "workflowDeleted", id: workflow.id }]
      : [{ kind: "workflow", workflow: { ...workflow, task_ids } }];
  }

  return {
    inTurn(task, work) {
      const ref = refOf(task);
      if (ref === undefined) return work();
      const key = JSON.stringify(ref);
      const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
      const done = () => {
        if (turns.get(key) === turn) turns.delete(key);
      };
      turns.set(key, turn);
      turn.then(done, done);
      return turn;
    },
    async joining(task) {
      const ref = refOf(task);
      if (ref === undefined) {
        if (task.depends_on?.length) throw needsWorkflow();
        return [];
      }
      const changes = await recordWith(ref, (ids) => [...ids, task.id]);
      const kind = "job_id" in ref ? "job" : "workflow";
      if (changes.length === 0) {
        throw refused("TASK_INVALID", `${kind} ${Object.values(ref)[0]} doesn't exist`);
      }
      await checkGraph(task, ref);
      return changes;
    },
    async checkChange(before, after) {
      const isSame = String(before.depends_on ?? []) === String(after.depends_on ?? []);
      if (isSame) return;
      const ref = refOf(after);
      if (ref === undefined) throw needsWorkflow();
      await checkGraph(after, ref);
    },
    async changed(task) {
      const ref = refOf(task);
      if (ref !== undefined) await groups.reload(ref);
    },
    async waits(task) {
      const ref = task.depends_on?.length ? refOf(task) : undefined;
      if (ref === undefined) return false;
      const group = await groups.ensure(ref);
      return (group.nodes.get(task.id)?.waits ?? 0) > 0;
    },
    async leaving(task) {
      const ref = refOf(task);
      if (ref === undefined) return [];
      const group = await groups.ensure(ref);
      const dependent = group.nodes.get(task.id)?.children.find(({ isAfter }) => !isAfter)?.node;
      if (dependent !== undefined) throw needed(task, dependent.id);
      return recordWith(ref, (ids) => ids.filter((id) => id !== task.id));
    },
  };
}

function needsWorkflow(): PropError {
  // The words of a legacy manager.
  return refused("TASK_INVALID", "workflow_id is required when depends_on is specified");
}

function needed({ id }: Task, dependent: string): PropError {
  return new PropError({
    code: "TASK_NEEDED",
    message: `task ${dependent} depends on task ${id}`,
    hint: "Delete that one first, or the whole workflow.",
  });
}
