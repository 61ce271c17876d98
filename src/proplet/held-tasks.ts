/** The tasks a proplet holds: from the start it takes over to the result it sends. */
import type { Engine } from "../engine/engine.ts";
import type { Start } from "../protocol/messages/start.ts";
import type { Log, LogMethod } from "../telemetry/logger.ts";
import type { FindModule } from "./module-finder.ts";
import type { Lease } from "./prepared-modules.ts";
import { failed, handedBack, type Report, reportOf, reportOfError } from "./report.ts";
import type { Reports } from "./reports.ts";
import { runOf } from "./run-request.ts";
import type { Slots } from "./slots.ts";

export const STOPPED = "task stopped";

export interface HeldTask {
  readonly start: Start;
  readonly canceller: AbortController;
  isAccepted: boolean;
  hasEnded: boolean;
  /** Its module runs now. */
  isRunning: boolean;
  /** Of a latent task, once its module is ready; undefined where that failed or it was stopped before. */
  resident?: Promise<Lease | undefined>;
}

export interface HeldTasks {
  /** The attempts that are held now. */
  held(): { task_id: string; attempt: number }[];
  get(taskId: string): HeldTask | undefined;
  /** Takes a task over and runs it, or, where it is latent, makes it ready. */
  hold(start: Start): void;
  /** Ends a task now: a run is stopped, a latent task gives its module back. */
  stop(task: HeldTask): void;
  /** Hands back what doesn't run yet, gives the others `graceMs`, then hands those back too. */
  close(graceMs: number): Promise<void>;
}

/** Each run is told to those who debug, no one else. */
export type RunLog = Log & { debug?: LogMethod };

export interface HeldTasksParts {
  propletId: string;
  engine: Engine;
  findModule: FindModule;
  slots: Slots;
  reports: Reports;
  log: RunLog;
  /** Called as a run begins; what it returns, as it ends. */
  watch: (start: Start) => (() => void) | undefined;
}

export function createHeldTasks(parts: HeldTasksParts): HeldTasks {
  const { propletId, engine, findModule, slots, reports, log, watch } = parts;
  const held = new Map<string, HeldTask>();
  let onIdle: (() => void) | undefined;
  let running = 0;

  function end(task: HeldTask, report: Report): void {
    if (task.hasEnded) return;
    task.hasEnded = true;
    if (held.get(task.start.id) === task) held.delete(task.start.id);
    reports.result(task.start, report);
  }

  function accept(task: HeldTask): void {
    task.isAccepted = true;
    reports.accepted(task.start);
  }

  async function run(task: HeldTask, lease: Lease): Promise<void> {
    if (task.hasEnded) return lease.release();
    running++;
    task.isRunning = true;
    log.debug?.("runs a task", { task_id: task.start.id, attempt: task.start.attempt });
    const unwatch = watch(task.start);
    try {
      const request = runOf(task.start, { propletId, signal: task.canceller.signal });
      end(task, reportOf(await engine.run(lease.module, request)));
    } catch (error) {
      end(task, reportOfError(error, log));
    } finally {
      unwatch?.();
      lease.release();
      running--;
      if (running === 0) onIdle?.();
    }
  }

  function queue(task: HeldTask, lease: Lease): void {
    slots.take(() => run(task, lease));
  }

  async function queueWhenReady(task: HeldTask, coming: Promise<Lease>): Promise<void> {
    try {
      queue(task, await coming);
    } catch (error) {
      if (!task.hasEnded) end(task, reportOfError(error, log));
    }
  }

  async function settle(task: HeldTask, coming: Lease | Promise<Lease>): Promise<Lease | undefined> {
    try {
      const lease = await coming;
      if (!task.hasEnded) {
        accept(task);
        return lease;
      }
      lease.release();
    } catch (error) {
      if (!task.hasEnded) end(task, reportOfError(error, log));
    }
    return undefined;
  }

  function begin(task: HeldTask): void {
    const coming = findModule(task.start);
    // A task may wait or run for long, and its module may be large.
    delete task.start.file;
    if (task.start.latent === true) {
      task.resident = settle(task, coming);
      return;
    }
    task.isAccepted = true;
    if (task.start.daemon === true) reports.accepted(task.start);
    else reports.acceptedSoon(task.start);
    if (coming instanceof Promise) void queueWhenReady(task, coming);
    else queue(task, coming);
  }

  function stop(task: HeldTask, report = failed(STOPPED)): void {
    end(task, report);
    task.canceller.abort();
    void task.resident?.then((lease) => lease?.release());
  }

  /** A manager that counts attempts takes the task elsewhere at once; another one hears that it failed. */
  function handBack(task: HeldTask): void {
    stop(task, task.start.attempt === undefined ? failed(STOPPED) : handedBack(leaving(propletId)));
  }

  return {
    held: () =>
      [...held.values()].flatMap(({ start: { id, attempt } }) =>
        attempt === undefined ? [] : [{ task_id: id, attempt }],
      ),
    get: (taskId) => held.get(taskId),
    hold(start) {
      const canceller = new AbortController();
      const task: HeldTask = { start, canceller, isAccepted: false, hasEnded: false, isRunning: false };
      held.set(start.id, task);
      try {
        begin(task);
      } catch (error) {
        end(task, reportOfError(error, log));
      }
    },
    stop: (task) => stop(task),
    async close(graceMs) {
      slots.clear();
      for (const task of [...held.values()]) if (!task.isRunning) handBack(task);
      if (running === 0) return;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      const timer = setTimeout(() => {
        for (const task of [...held.values()]) handBack(task);
      }, graceMs);
      await idle;
      clearTimeout(timer);
    },
  };
}

/** Why a proplet that goes does not finish, or take, a task. */
export function leaving(propletId: string): string {
  return `proplet ${propletId} is shutting down`;
}
