/** What a manager knows, in memory alone: for tests and figures of the dispatcher without a store. */
import type { PropletListener, State } from "../../src/manager/state/state.ts";
import type { Proplet } from "../../src/model/proplet.ts";
import type { Task } from "../../src/model/task.ts";
import { type TaskEvent, transition } from "../../src/model/transition.ts";

export interface MemoryState extends Pick<State, "tasks" | "proplets" | "onTask" | "onProplet"> {
  put(task: Task): void;
  /** @throws where the event doesn't fit */
  apply(id: string, event: TaskEvent): Task;
  putProplet(proplet: Proplet): void;
  removeProplet(id: string): void;
}

const NOW = "2026-01-02T03:04:05.000Z";

export function createMemoryState(): MemoryState {
  const tasks = new Map<string, Task>();
  const proplets = new Map<string, Proplet>();
  const taskListeners = new Set<(task: Task, before: Task | undefined) => void>();
  const propletListeners = new Set<PropletListener>();

  function put(task: Task): void {
    const before = tasks.get(task.id);
    tasks.set(task.id, task);
    for (const listener of taskListeners) listener(task, before);
  }

  function setProplet(id: string, proplet: Proplet | undefined): void {
    const before = proplets.get(id);
    if (proplet === undefined) proplets.delete(id);
    else proplets.set(id, proplet);
    for (const listener of propletListeners) listener(id, proplet, before);
  }

  return {
    tasks,
    proplets,
    put,
    apply(id, event) {
      const task = tasks.get(id);
      if (task === undefined) throw new Error(`no task ${id}`);
      const next = transition(task, event, NOW);
      if (!next.changed) throw new Error(next.reason);
      put(next.task);
      return next.task;
    },
    putProplet: (proplet) => setProplet(proplet.id, proplet),
    removeProplet: (id) => setProplet(id, undefined),
    onTask(listener) {
      taskListeners.add(listener);
      return () => taskListeners.delete(listener);
    },
    onProplet(listener) {
      propletListeners.add(listener);
      return () => propletListeners.delete(listener);
    },
  };
}
