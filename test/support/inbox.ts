/** What arrived, for tests that wait for a thing rather than for a while. */

export interface Inbox<T> {
  put(item: T): void;
  /** The first item that `matches`, taken out; waits for it if it hasn't come. */
  take(matches?: (item: T) => boolean): Promise<T>;
  readonly items: readonly T[];
}

export function createInbox<T>(): Inbox<T> {
  const items: T[] = [];
  const waiters: { matches: (item: T) => boolean; resolve: (item: T) => void }[] = [];
  return {
    items,
    put(item) {
      const index = waiters.findIndex(({ matches }) => matches(item));
      if (index === -1) items.push(item);
      else waiters.splice(index, 1)[0]?.resolve(item);
    },
    take(matches = () => true) {
      const index = items.findIndex(matches);
      const [item] = index === -1 ? [] : items.splice(index, 1);
      if (item !== undefined) return Promise.resolve(item);
      return new Promise((resolve) => waiters.push({ matches, resolve }));
    },
  };
}
