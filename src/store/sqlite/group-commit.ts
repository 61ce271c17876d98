/** Writes all changes that wait in one transaction, and tells everyone who waits for them. */
import { messageOf, PropError } from "../../errors.ts";
import type { Change, CommitOptions } from "../store.ts";
import { keyOf } from "./entity.ts";

type Key = string | symbol;

/** Who handed in changes: what is written of them, is written together. */
interface Waiter {
  keys: Key[];
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface GroupCommit {
  commit(changes: readonly Change[], options?: CommitOptions): Promise<void>;
  /** Writes what waits now, before a query that must see it; not while the disk is in trouble. */
  flush(): void;
  /** Why the latest group could not be written; undefined once one could. */
  failure(): PropError | undefined;
  /** Writes what waits; what can't be written is not tried again. */
  close(): void;
}

/** A group that could not be written is tried again after this, together with what came meanwhile. Milliseconds. */
const RETRY_MS = 1_000;

/** A group of this many changes means load: the next one gathers for a while, so that fewer transactions carry more. */
const LARGE_GROUP = 16;
const GATHER_MS = 1;
/** How long changes wait that needn't be on disk soon. Milliseconds. */
const LAZY_MS = 5;

/**
 * What SQLite answers where the same change may be written later: the disk is full, or fails, or is held by another.
 * Anything else is the change's own fault.
 */
const TROUBLE_OF_THE_DISK =
  /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|NOMEM|PROTOCOL|CORRUPT|NOTADB)/;

/** `write` puts a list of changes on disk, all or none. */
export function groupCommit(write: (changes: Change[]) => void): GroupCommit {
  let pending = new Map<Key, Change>();
  let waiters: Waiter[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let timerDueAt = 0;
  let isLoaded = false;
  let retry: NodeJS.Timeout | undefined;
  let failure: PropError | undefined;

  function flush(): void {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    isLoaded = pending.size >= LARGE_GROUP;
    if (pending.size === 0 && waiters.length === 0) {
      failure = undefined;
      return;
    }
    const group = pending;
    const waiting = waiters;
    pending = new Map();
    waiters = [];
    try {
      if (group.size > 0) write([...group.values()]);
      failure = undefined;
    } catch (error) {
      if (isTroubleOfTheDisk(error)) keep(group, waiting, error);
      else writeApart(group, waiting);
      return;
    }
    for (const { resolve } of waiting) resolve();
  }

  /** For later: the disk may have room again then. */
  function keep(group: Map<Key, Change>, waiting: Waiter[], error: unknown): void {
    // Samples have no key: they are not worth the memory while the disk is full.
    for (const [key, change] of group) if (typeof key === "string") pending.set(key, change);
    if (retry === undefined) retry = setTimeout(again, RETRY_MS).unref();
    const failed = storeFailed(error);
    failure = failed;
    for (const { reject } of waiting) reject(failed);
  }

  /** One of the group can never be written: each goes with what it came with, so that it takes nobody else's along. */
  function writeApart(group: Map<Key, Change>, waiting: Waiter[]): void {
    failure = undefined;
    const orphans = new Set(group.keys());
    for (const { keys } of waiting) for (const key of keys) orphans.delete(key);
    // What is left of an earlier group has nobody who waits for it any more.
    const alone = [...orphans].map((key): Waiter => ({ keys: [key], resolve: () => {}, reject: () => {} }));
    const parts = [...alone, ...waiting];
    for (const [index, part] of parts.entries()) {
      const changes = part.keys.flatMap((key) => group.get(key) ?? []);
      try {
        if (changes.length > 0) write(changes);
      } catch (error) {
        if (isTroubleOfTheDisk(error)) {
          const left = parts.slice(index);
          const keys = new Set(left.flatMap(({ keys }) => keys));
          keep(new Map([...group].filter(([key]) => keys.has(key))), left, error);
          return;
        }
        part.reject(changeRefused(changes, error));
        continue;
      }
      part.resolve();
    }
  }

  function again(): void {
    retry = undefined;
    flush();
  }

  function schedule(lazy: boolean): void {
    const usualMs = lazy ? LAZY_MS : isLoaded ? GATHER_MS : 0;
    // All that waits is written each time: with each message it would cost more and more.
    const waitMs = failure === undefined ? usualMs : RETRY_MS;
    const dueAt = performance.now() + waitMs;
    if (immediate !== undefined || (timer !== undefined && timerDueAt <= dueAt)) return;
    clearTimeout(timer);
    timer = undefined;
    timerDueAt = dueAt;
    if (waitMs === 0) immediate = setImmediate(flush);
    else timer = setTimeout(flush, waitMs);
  }

  return {
    flush() {
      if (failure === undefined) flush();
    },
    failure: () => failure,
    close() {
      flush();
      clearTimeout(retry);
    },
    commit(changes, { lazy = false } = {}) {
      const keys: Key[] = [];
      for (const change of changes) {
        const key = keyOf(change) ?? Symbol();
        keys.push(key);
        pending.delete(key);
        pending.set(key, change);
      }
      schedule(lazy);
      return new Promise((resolve, reject) => waiters.push({ keys, resolve, reject }));
    },
  };
}

function isTroubleOfTheDisk(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return TROUBLE_OF_THE_DISK.test(String(error.code));
}

function storeFailed(cause: unknown): PropError {
  return new PropError({
    code: "STORE_FAILED",
    message: `the store could not be written: ${messageOf(cause)}`,
    hint: "Check that its disk has room and can be written to.",
    cause,
  });
}

/** It is in memory and will never be on disk: whoever reads the log has to know of what. */
function changeRefused(changes: Change[], cause: unknown): PropError {
  const what = [...new Set(changes.map((change) => keyOf(change) ?? change.kind))].join(", ");
  return new PropError({
    code: "CHANGE_REFUSED",
    message: `the store can't keep ${what}: ${messageOf(cause)}`,
    hint: "The change is dropped: it is gone after a restart.",
    cause,
  });
}
