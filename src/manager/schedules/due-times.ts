/** Which task is due next: a heap of times, one for each task at most. */
export interface DueTimes {
  /** Gives a task its time, in milliseconds since 1970, in place of the one before. */
  set(id: string, at: number): void;
  delete(id: string): void;
  /** The earliest, without taking it out. */
  first(): { id: string; at: number } | undefined;
}

interface Entry {
  id: string;
  at: number;
}

/** Entries that no longer hold stay in the heap until they come up; past this many, and as many as hold, they go at once. */
const STALE_KEPT = 64;

export function createDueTimes(): DueTimes {
  const timeOf = new Map<string, number>();
  let heap: Entry[] = [];

  function timeAt(index: number): number {
    return heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }

  function swap(a: number, b: number): void {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    heap[a] = other;
    heap[b] = one;
  }

  function push(entry: Entry): void {
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (timeAt(parent) <= timeAt(index)) return;
      swap(parent, index);
      index = parent;
    }
  }

  function dropFirst(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const earlier = timeAt(left + 1) < timeAt(left) ? left + 1 : left;
      if (timeAt(index) <= timeAt(earlier)) return;
      swap(index, earlier);
      index = earlier;
    }
  }

  return {
    set(id, at) {
      if (timeOf.get(id) === at) return;
      timeOf.set(id, at);
      push({ id, at });
      if (heap.length <= 2 * timeOf.size + STALE_KEPT) return;
      heap = [];
      for (const [held, time] of timeOf) push({ id: held, at: time });
    },
    delete(id) {
      timeOf.delete(id);
    },
    first() {
      for (;;) {
        const entry = heap[0];
        if (entry === undefined || timeOf.get(entry.id) === entry.at) return entry;
        dropFirst();
      }
    },
  };
}
