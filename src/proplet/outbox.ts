/** Results that the manager has not confirmed: on disk before they are sent, and sent again until they are received. */
import Type from "typebox";
import { PropError, systemCode } from "../errors.ts";
import { decoderOf, encode } from "../protocol/message.ts";
import { Received } from "../protocol/messages/received.ts";
import { Results } from "../protocol/messages/results.ts";
import type { Log } from "../telemetry/logger.ts";
import { openJournal } from "./journal.ts";
import { attemptKey } from "./recent-keys.ts";

/** A result of our own: the attempt tells which run it ends. */
export interface AttemptResult {
  task_id: string;
  attempt: number;
  proplet_id: string;
  results: string;
  error: string | null;
  handed_back?: true;
}

export interface Outbox {
  has(taskId: string, attempt: number): boolean;
  /** Writes a result down, then sends it. */
  add(result: AttemptResult): void;
  resend(taskId: string, attempt: number): void;
  resendAll(): void;
  /** The manager has it: a receipt without an attempt is one for all of the task's. */
  received(receipt: Received): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  path: string;
  send: (result: AttemptResult) => void;
  log: Log;
  /** After which time without a receipt a result goes out again; it doubles up to a minute. 5 s by default. */
  resendMs?: number;
}

interface Entry {
  readonly result: AttemptResult;
  readonly line: string;
  isOnDisk: boolean;
  delayMs: number;
  /** Infinity until it was sent. */
  dueAt: number;
}

const LONGEST_RESEND_MS = 60_000;
const COMPACT_BYTES = 1024 * 1024;

const decodeLine = decoderOf(
  "line",
  Type.Object({ result: Type.Optional(Results), received: Type.Optional(Received) }),
);

/** @throws PropError `DATA_DIR_UNUSABLE` */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { path, send, log, resendMs = 5_000 } = options;
  const journal = await openJournal({ path, onFailure: (error) => warnOfDisk(log, path, error) });
  const entries = new Map<string, Entry>();
  let liveBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  for (const line of journal.recovered) recover(line);
  const isMostlyEmpty = () => journal.sizeBytes > COMPACT_BYTES && liveBytes < journal.sizeBytes / 4;
  const compact = () => journal.replace(() => [...entries.values()].map(({ line }) => line));
  if (journal.recovered.length > entries.size) compact();
  if (entries.size > 0) log.info("results of an earlier run wait to be received", { results: entries.size });

  function recover(line: string): void {
    const decoded = decodeLine(Buffer.from(line));
    if (!decoded.ok) {
      log.warn("skipped a torn line of the outbox", { path, reason: decoded.reason });
      return;
    }
    const { result, received } = decoded.message;
    if (received !== undefined) forget(received);
    if (result?.attempt === undefined) return;
    const { task_id, attempt, proplet_id = "", results, error = null, handed_back } = result;
    const text = typeof results === "string" ? results : JSON.stringify(results ?? "");
    const returned = handed_back ? { handed_back } : {};
    keep({ task_id, attempt, proplet_id, results: text, error, ...returned }, true);
  }

  function keep(result: AttemptResult, isOnDisk: boolean): Entry {
    const key = attemptKey(result.task_id, result.attempt);
    drop(key);
    const entry = {
      result,
      line: encode({ result }),
      isOnDisk,
      delayMs: resendMs,
      dueAt: Number.POSITIVE_INFINITY,
    };
    entries.set(key, entry);
    liveBytes += entry.line.length;
    return entry;
  }

  function drop(key: string): boolean {
    liveBytes -= entries.get(key)?.line.length ?? 0;
    return entries.delete(key);
  }

  function forget({ task_id, attempt }: Received): boolean {
    if (attempt !== undefined) return drop(attemptKey(task_id, attempt));
    const held = [...entries].filter(([, { result }]) => result.task_id === task_id);
    for (const [key] of held) drop(key);
    return held.length > 0;
  }

  function deliver(entry: Entry): void {
    entry.dueAt = performance.now() + entry.delayMs;
    entry.delayMs = Math.min(LONGEST_RESEND_MS, entry.delayMs * 2);
    timer ??= setInterval(resendDue, resendMs / 2);
    send(entry.result);
  }

  function resendDue(): void {
    const now = performance.now();
    for (const entry of entries.values()) if (entry.dueAt <= now) deliver(entry);
    if (entries.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    has: (taskId, attempt) => entries.has(attemptKey(taskId, attempt)),
    add(result) {
      const entry = keep(result, false);
      journal.append(entry.line, () => {
        entry.isOnDisk = true;
        deliver(entry);
      });
    },
    resend(taskId, attempt) {
      const entry = entries.get(attemptKey(taskId, attempt));
      if (entry?.isOnDisk) deliver(entry);
    },
    resendAll() {
      for (const entry of entries.values()) {
        if (!entry.isOnDisk) continue;
        entry.delayMs = resendMs;
        deliver(entry);
      }
    },
    received(receipt) {
      if (!forget(receipt)) return;
      journal.appendLater(encode({ received: receipt }));
      if (isMostlyEmpty()) compact();
    },
    flush: () => journal.flush(),
    async close() {
      clearInterval(timer);
      timer = undefined;
      await journal.close();
    },
  };
}

function warnOfDisk(log: Log, path: string, error: unknown): void {
  const reason = systemCode(error) === "ENOSPC" ? "the disk is full" : String(error);
  const told = error instanceof PropError ? error.message : reason;
  log.error(
    "results can't be kept on disk: they are sent, but lost if this process ends before they arrive",
    {
      path,
      reason: told,
    },
  );
}
