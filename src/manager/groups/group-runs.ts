/** What jobs and workflows have in common: all their tasks are started, stopped and deleted together. */
import { messageOf, PropError } from "../../errors.ts";
import type { JobRecord } from "../../model/job.ts";
import type { Task } from "../../model/task.ts";
import { isActive, isEnded, TaskState } from "../../model/task-state.ts";
import type { Change, GroupRef, Page, Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Tasks } from "../manager.ts";
import type { State } from "../state/state.ts";
import { type Groups, hasModule, inOrder, noModule } from "./groups.ts";

export interface GroupRuns {
  /** The tasks of a group as they are now, in the order of their creation. */
  tasksOf(ref: GroupRef, page?: Page): Promise<Task[]>;
  /** All tasks of a group, in the order of its record. */
  members(ref: GroupRef, ids: readonly string[]): Promise<Task[]>;
  /**
   * Queues what depends on nothing; the others wait, and follow. One that ended runs anew.
   * @throws PropError `active` while one of them runs or is queued; `TASK_INVALID` where one has no module
   */
  start(tasks: readonly Task[], what: { ref: GroupRef; job?: JobRecord; active: PropError }): Promise<void>;
  /** Those that run are stopped, those that wait are Interrupted. */
  stop(ref: GroupRef): Promise<void>;
  /** Deletes all of its tasks, and with them what `also` says. */
  delete(ref: GroupRef, also: Change): Promise<void>;
}

export interface GroupRunsDependencies {
  state: State;
  store: Store;
  groups: Groups;
  tasks: Pick<Tasks, "stop">;
  log: Log;
}

export function createGroupRuns({ state, store, groups, tasks, log }: GroupRunsDependencies): GroupRuns {
  const tasksOf: GroupRuns["tasksOf"] = async (ref, page) =>
    (await store.tasksOf(ref, page)).map((row) => state.tasks.get(row.id) ?? row);

  groups.onFailure((failed) => {
    const reason = `task ${failed.id} of its job failed`;
    for (const node of failed.group.nodes.values()) {
      // It waits for just that.
      if (node.runIf === "failure" && node.parents.length > 0) continue;
      const task = state.tasks.get(node.id);
      if (task === undefined || isEnded(task.state)) continue;
      if (task.state === TaskState.Pending) state.apply(task, { type: "skip" }, { reason });
      else
        stopOne(task).catch((error: unknown) =>
          log.warn(`task ${task.id} was not stopped: ${messageOf(error)}`),
        );
    }
  });

  /** It may end by itself meanwhile. */
  async function stopOne({ id }: Task): Promise<void> {
    try {
      await tasks.stop(id);
    } catch (error) {
      if (!(error instanceof PropError)) throw error;
      log.debug(`task ${id} was not stopped: ${messageOf(error)}`);
    }
  }

  async function stop(ref: GroupRef): Promise<void> {
    const open = (await tasksOf(ref)).filter(({ state }) => !isEnded(state));
    for (const task of open) if (!isActive(task.state)) state.apply(task, { type: "interrupt" });
    await Promise.all(open.filter(({ state }) => isActive(state)).map(stopOne));
    await state.saved();
  }

  return {
    tasksOf,
    async members(ref, ids) {
      const inMemory = ids.flatMap((id) => state.tasks.get(id) ?? []);
      return inMemory.length === ids.length ? inMemory : inOrder(await tasksOf(ref), ids);
    },
    stop,
    async start(members, { ref, job, active }) {
      if (members.some((task) => isActive(task.state) || task.queued_at)) throw active;
      const bare = members.find((task) => !hasModule(task));
      if (bare !== undefined) throw new PropError({ code: "TASK_INVALID", message: noModule(bare) });
      const group = groups.put(ref, members, job);
      group.hasFailed = false;
      for (const task of members) if (group.nodes.get(task.id)?.follows) state.apply(task, { type: "reset" });
      for (const task of members)
        if (!group.nodes.get(task.id)?.follows) state.apply(task, { type: "queue" });
      await (job === undefined ? state.saved() : store.commit([{ kind: "job", job }]));
    },
    async delete(ref, also) {
      await stop(ref);
      const ids = (await store.tasksOf(ref)).map(({ id }) => id);
      await state.removeAll(ids, [also]);
      await groups.reload(ref);
    },
  };
}
