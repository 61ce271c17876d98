/** Timers of tasks, one each at most: a later one takes the place of the one before. */
export interface TaskTimers {
  set(taskId: string, delayMs: number, work: () => void): void;
  clear(taskId: string): void;
  /** Clears all; none is set after it. */
  close(): void;
}

export function createTaskTimers(): TaskTimers {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  function clear(taskId: string): void {
    clearTimeout(timers.get(taskId));
    timers.delete(taskId);
  }

  return {
    set(taskId, delayMs, work) {
      clear(taskId);
      if (closed) return;
      const timer = setTimeout(() => {
        timers.delete(taskId);
        work();
      }, delayMs);
      timers.set(taskId, timer);
    },
    clear,
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
