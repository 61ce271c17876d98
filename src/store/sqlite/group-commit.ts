/** Writes all changes that wait in one transaction, and tells everyone who waits for them. */
import { PropError } from "../../errors.ts";
import type { Change, CommitOptions } from "../store.ts";
import { keyOf } from "./entity.ts";

interface Waiter {
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface GroupCommit {
  commit(changes: readonly Change[], options?: CommitOptions): Promise<void>;
  /** Writes what waits now, before a query that must see it. */
  flush(): void;
  /** Writes what waits; what can't be written is not tried again. */
  close(): void;
}

/** A group that could not be written is tried again with the next one, and after this at the latest. Milliseconds. */
const RETRY_MS = 1_000;

/** A group of this many changes means load: the next one gathers for a while, so that fewer transactions carry more. */
const LARGE_GROUP = 16;
const GATHER_MS = 1;
/** How long changes wait that needn't be on disk soon. Milliseconds. */
const LAZY_MS = 5;

/** `write` puts a list of changes on disk, all or none. */
export function groupCommit(write: (changes: Change[]) => void): GroupCommit {
  let pending = new Map<string | symbol, Change>();
  let waiters: Waiter[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let timerDueAt = 0;
  let isLoaded = false;
  let retry: NodeJS.Timeout | undefined;

  function flush(): void {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    isLoaded = pending.size >= LARGE_GROUP;
    if (pending.size === 0 && waiters.length === 0) return;
    const group = pending;
    const waiting = waiters;
    pending = new Map();
    waiters = [];
    try {
      if (group.size > 0) write([...group.values()]);
    } catch (error) {
      // Samples have no key: they are not worth the memory while the disk is full.
      pending = new Map([...group].filter(([key]) => typeof key === "string"));
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

  function schedule(lazy: boolean): void {
    const waitMs = lazy ? LAZY_MS : isLoaded ? GATHER_MS : 0;
    const dueAt = performance.now() + waitMs;
    if (immediate !== undefined || (timer !== undefined && timerDueAt <= dueAt)) return;
    clearTimeout(timer);
    timer = undefined;
    timerDueAt = dueAt;
    if (waitMs === 0) immediate = setImmediate(flush);
    else timer = setTimeout(flush, waitMs);
  }

  return {
    flush,
    close() {
      flush();
      clearTimeout(retry);
    },
    commit(changes, { lazy = false } = {}) {
      for (const change of changes) {
        const key = keyOf(change) ?? Symbol();
        pending.delete(key);
        pending.set(key, change);
      }
      schedule(lazy);
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
