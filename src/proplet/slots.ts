/** Runs jobs in the order they come, so many at once. */

export interface Slots {
  /** Starts `job` as soon as a slot is free. It must not reject. */
  take(job: () => Promise<void>): void;
  /** Forgets the jobs that have not started. */
  clear(): void;
}

export function createSlots(count: number): Slots {
  let free = count;
  let waiting: (() => Promise<void>)[] = [];
  let next = 0;

  function start(job: () => Promise<void>): void {
    free--;
    void job().finally(release);
  }

  function release(): void {
    free++;
    const job = waiting[next];
    if (job === undefined) return;
    next++;
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    start(job);
  }

  return {
    take(job) {
      if (free > 0) start(job);
      else waiting.push(job);
    },
    clear() {
      waiting = [];
      next = 0;
    },
  };
}
