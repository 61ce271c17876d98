/** Acceptances held back for a moment: the result of a short run says as much, in one message fewer. */
import type { TaskRef } from "./reports.ts";

export interface Acceptances {
  /** The start was taken over; that is told unless its end is told first. */
  soon(task: TaskRef): void;
  /** Its end is told: nothing is owed any more. */
  drop(taskId: string): void;
  /** Tells what is owed now. */
  flush(): void;
}

/** Long against a short run, short against whoever watches. Milliseconds. */
const HOLD_MS = 10;

export function createAcceptances(tell: (task: TaskRef) => void): Acceptances {
  /** By id, in the order they came, with the time until when each is held back. */
  const owed = new Map<string, { task: TaskRef; dueAt: number }>();
  let timer: NodeJS.Timeout | undefined;

  function tellDue(until: number): void {
    for (const [id, { task, dueAt }] of owed) {
      if (dueAt > until) break;
      owed.delete(id);
      tell(task);
    }
  }

  function wait(): void {
    timer = setTimeout(() => {
      timer = undefined;
      tellDue(performance.now());
      if (owed.size > 0) wait();
    }, HOLD_MS);
  }

  return {
    soon(task) {
      owed.delete(task.id);
      owed.set(task.id, { task, dueAt: performance.now() + HOLD_MS });
      if (timer === undefined) wait();
    },
    drop: (taskId) => void owed.delete(taskId),
    flush() {
      clearTimeout(timer);
      timer = undefined;
      tellDue(Number.POSITIVE_INFINITY);
    },
  };
}
