/** The latest attempts that ended here, so that a start that comes twice doesn't run twice. */

export interface RecentKeys {
  add(key: string): void;
  has(key: string): boolean;
}

/** Remembers the latest `limit` keys. */
export function createRecentKeys(limit: number): RecentKeys {
  const keys = new Set<string>();
  return {
    has: (key) => keys.has(key),
    add(key) {
      keys.delete(key);
      keys.add(key);
      if (keys.size <= limit) return;
      for (const oldest of keys) {
        keys.delete(oldest);
        return;
      }
    },
  };
}

/** The name of one attempt at a task. */
export function attemptKey(taskId: string, attempt: number): string {
  return `${attempt} ${taskId}`;
}
