/** Tasks that wait, in the order they are to be placed: by priority, the oldest first among equals. */
import type { Task } from "../model/task.ts";

export interface TaskQueue {
  readonly size: number;
  add(task: Task): void;
  delete(id: string): void;
  /** Ids in order. Removing the one at hand while walking is safe. */
  ids(): Iterable<string>;
}

export function createTaskQueue(): TaskQueue {
  const byPriority = new Map<number, Set<string>>();
  const priorityOf = new Map<string, number>();
  let order: number[] = [];

  function remove(id: string): void {
    const priority = priorityOf.get(id);
    if (priority === undefined) return;
    priorityOf.delete(id);
    byPriority.get(priority)?.delete(id);
  }

  return {
    get size() {
      return priorityOf.size;
    },
    add({ id, priority }) {
      remove(id);
      let ids = byPriority.get(priority);
      if (ids === undefined) {
        ids = new Set();
        byPriority.set(priority, ids);
        order = [...byPriority.keys()].sort((a, b) => b - a);
      }
      ids.add(id);
      priorityOf.set(id, priority);
    },
    delete: remove,
    *ids() {
      for (const priority of order) yield* byPriority.get(priority) ?? [];
    },
  };
}
