/** Tasks that wait, in the order they are to be placed: by priority, the oldest first among equals. */
import { DEFAULT_PRIORITY, type Task } from "../../model/task.ts";
import { NOTHING } from "../../scheduler/demand.ts";
import { createOrderedSet } from "../../scheduler/ordered-set.ts";

/** Where a task stands in the line of all. */
export interface Waiting {
  id: string;
  priority: number;
  /** The order in which tasks came: no two have the same. */
  ticket: number;
}

export interface TaskQueue {
  readonly size: number;
  /** @param ticket higher than that of all who came before */
  add(task: Pick<Task, "id" | "priority">, ticket: number): void;
  delete(id: string): void;
  first(): Waiting | undefined;
}

export function createTaskQueue(): TaskQueue {
  const byId = new Map<string, Waiting>();
  const line = createOrderedSet(goesBefore, () => NOTHING);

  function remove(id: string): void {
    const waiting = byId.get(id);
    if (waiting === undefined) return;
    byId.delete(id);
    line.delete(waiting);
  }

  return {
    get size() {
      return byId.size;
    },
    add({ id, priority = DEFAULT_PRIORITY }, ticket) {
      remove(id);
      const waiting = { id, priority, ticket };
      byId.set(id, waiting);
      line.add(waiting);
    },
    delete: remove,
    first: line.first,
  };
}

/** Below 0 where `a` is to be placed before `b`. */
export function goesBefore(a: Waiting, b: Waiting): number {
  return b.priority - a.priority || a.ticket - b.ticket;
}
