/** Invocations under way: each a fresh instance of a latent task's module. */
import type { Engine } from "../engine/engine.ts";
import { decodeBase64 } from "../protocol/base64.ts";
import type { Invoke } from "../protocol/messages/invoke.ts";
import { NOT_PRECOMPILED } from "../protocol/messages/invoke-results.ts";
import type { Log } from "../telemetry/logger.ts";
import type { HeldTask, HeldTasks } from "./held-tasks.ts";
import type { Lease, PreparedModules } from "./prepared-modules.ts";
import { failed, type Report, reportOf, reportOfError } from "./report.ts";
import type { Reports } from "./reports.ts";
import { invocationOf } from "./run-request.ts";
import type { Slots } from "./slots.ts";

export interface Invocations {
  /** Runs a latent task once and reports how that ended. One that is under way already is left alone. */
  start(invoke: Invoke): void;
  /** Waits `graceMs` for those under way, then stops them. */
  close(graceMs: number): Promise<void>;
}

export interface InvocationsParts {
  propletId: string;
  engine: Engine;
  modules: PreparedModules;
  tasks: HeldTasks;
  slots: Slots;
  reports: Reports;
  log: Log;
}

export function createInvocations(parts: InvocationsParts): Invocations {
  const { propletId, engine, modules, tasks, slots, reports, log } = parts;
  const underWay = new Map<string, Promise<void>>();
  const closing = new AbortController();

  async function run(task: HeldTask, { module }: Lease, invoke: Invoke): Promise<Report> {
    const stdin = invoke.stdin === undefined ? undefined : decodeBase64(invoke.stdin);
    if (invoke.stdin !== undefined && stdin === undefined) return failed("stdin is not base64");
    try {
      const request = invocationOf(task.start, invoke, { propletId, signal: closing.signal, stdin });
      return reportOf(await engine.run(module, request));
    } catch (error) {
      return reportOfError(error, log);
    }
  }

  /** A lease of the invocation's own: the task may be stopped before it ends. */
  async function leaseFor(task: HeldTask | undefined): Promise<Lease | undefined> {
    const resident = await task?.resident;
    if (resident === undefined || task?.hasEnded === true) return undefined;
    return modules.lease(resident.module.digest);
  }

  async function answer(invoke: Invoke): Promise<void> {
    const task = tasks.get(invoke.id);
    const lease = await leaseFor(task);
    if (task === undefined || lease === undefined) {
      return reports.invocation(invoke, notResident(invoke.id));
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    slots.take(async () => {
      reports.invocation(invoke, await run(task, lease, invoke));
      lease.release();
      resolve();
    });
    await promise;
  }

  return {
    start(invoke) {
      const key = `${invoke.id} ${invoke.invocation_id}`;
      if (underWay.has(key)) return;
      underWay.set(
        key,
        answer(invoke).finally(() => underWay.delete(key)),
      );
    },
    async close(graceMs) {
      const timer = setTimeout(() => closing.abort(), graceMs);
      await Promise.all(underWay.values());
      clearTimeout(timer);
    },
  };
}

function notResident(taskId: string): Report {
  return failed(`task ${taskId} ${NOT_PRECOMPILED}; deploy it as a latent task first`);
}
