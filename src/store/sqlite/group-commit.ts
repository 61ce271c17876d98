/** Writes all changes that wait in one transaction a tick, and tells everyone who waits for them. */
import { PropError } from "../../errors.ts";
import type { Change } from "../store.ts";
import { keyOf } from "./entity.ts";

interface Waiter {
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface GroupCommit {
  commit(changes: readonly Change[]): Promise<void>;
  /** Writes what waits now, before a query that must see it. */
  flush(): void;
}

/** A group that could not be written is tried again with the next one, and after this at the latest. Milliseconds. */
const RETRY_MS = 1_000;

/** `write` puts a list of changes on disk, all or none. */
export function groupCommit(write: (changes: Change[]) => void): GroupCommit {
  let pending = new Map<string | symbol, Change>();
  let waiters: Waiter[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;

  function flush(): void {
    if (scheduled !== undefined) clearImmediate(scheduled);
    scheduled = undefined;
    if (pending.size === 0 && waiters.length === 0) return;
    const group = pending;
    const waiting = waiters;
    pending = new Map();
    waiters = [];
    try {
      if (group.size > 0) write([...group.values()]);
    } catch (error) {
      pending = group;
      if (retry === undefined) retry = setTimeout(again, RETRY_MS).unref();
      const failure = storeFailed(error);
      for (const { reject } of waiting) reject(failure);
      return;
    }
    for (const { resolve } of waiting) resolve();
  }

  function again(): void {
    retry = undefined;
    flush();
  }

  return {
    flush,
    commit(changes) {
      for (const change of changes) {
        const key = keyOf(change) ?? Symbol();
        pending.delete(key);
        pending.set(key, change);
      }
      scheduled ??= setImmediate(flush);
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
  };
}

function storeFailed(cause: unknown): PropError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PropError({
    code: "STORE_FAILED",
    message: `the store could not be written: ${message}`,
    hint: "Check that its disk has room and can be written to.",
    cause,
  });
}
