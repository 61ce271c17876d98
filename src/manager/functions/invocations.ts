/** Runs latent tasks once for whoever waits: finds the proplet, correlates the answer, follows the task when it moves. */
import { randomUUID } from "node:crypto";
import { PropError } from "../../errors.ts";
import { holders } from "../../model/broadcast.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, TaskState } from "../../model/task-state.ts";
import { type InvokeResults, NOT_PRECOMPILED } from "../../protocol/messages/invoke-results.ts";
import type { Commands } from "../commands.ts";
import type { InvokeRequest } from "../manager.ts";
import type { EventLog } from "../state/event-log.ts";
import type { State } from "../state/state.ts";

export interface Invocations {
  /** Runs a latent task once. `functionName` is told with the event. */
  invoke(taskId: string, request: InvokeRequest, functionName?: string): Promise<string>;
  answered(message: InvokeResults): void;
  /** Resolves when no invocation of the task is under way. */
  drained(taskId: string): Promise<void>;
  close(): void;
}

export interface InvocationsDependencies {
  state: State;
  commands: Commands;
  events: EventLog;
}

const TIMEOUT_MS = 30_000;
/** A legacy proplet doesn't say when it has prepared a module: ask again after this, doubled each time. Milliseconds. */
const ASK_AGAIN_MS = 200;
const ASK_AGAIN_MAX_MS = 5_000;
/** With the delays above about 20 seconds: one that still has none then never will. */
const MOST_ASKS = 8;

interface Invocation {
  id: string;
  taskId: string;
  task: Task;
  functionName: string | undefined;
  request: InvokeRequest;
  startedAt: number;
  /** Attempt of the task that the invocation was sent to; 0 while it waits for one. */
  sentTo: number;
  /** The proplet it was sent to; "" before. */
  propletId: string;
  /** How often that attempt's proplet was asked again. */
  asks: number;
  timers: NodeJS.Timeout[];
  settle: (outcome: { results: string } | { error: PropError }) => void;
}

export function createInvocations({ state, commands, events }: InvocationsDependencies): Invocations {
  const open = new Map<string, Invocation>();
  const byTask = new Map<string, Set<Invocation>>();
  const drains = new Map<string, (() => void)[]>();

  const stopListening = state.onTask((task) => {
    for (const invocation of byTask.get(task.id) ?? []) follow(invocation, task);
  });

  /** Sends it where the task runs now; an end of the task is the end of the invocation. */
  function follow(invocation: Invocation, task: Task): void {
    invocation.task = task;
    if (isEnded(task.state)) settle(invocation, { error: ended(task) });
    if (task.state !== TaskState.Running || hasIt(invocation)) return;
    invocation.sentTo = task.attempt;
    invocation.asks = 0;
    send(invocation);
  }

  function send(invocation: Invocation): void {
    const { id, task, request } = invocation;
    const { inputs = [], env, stdin } = request;
    const proplet = chooseHolder(task);
    if (proplet === undefined) return;
    invocation.propletId = proplet.id;
    const message = {
      id: task.id,
      broadcast: false,
      proplet_id: proplet.id,
      invocation_id: id,
      inputs: inputs.map(String),
      ...(env === undefined ? {} : { env }),
      ...(stdin === undefined ? {} : { stdin }),
    };
    commands.invoke(proplet, message).catch(() => {
      // The connection is lost; the time limit decides.
    });
  }

  /** Of a broadcast, which is ready at many, any one that lives. */
  function chooseHolder(task: Task): Proplet | undefined {
    const proplets = holders(task).flatMap((id) => state.proplets.get(id) ?? []);
    const living = proplets.filter(({ alive }) => alive);
    const from = living.length > 0 ? living : proplets;
    return from[Math.floor(Math.random() * from.length)];
  }

  function settle(invocation: Invocation, outcome: { results: string } | { error: PropError }): void {
    if (!open.delete(invocation.id)) return;
    for (const timer of invocation.timers) clearTimeout(timer);
    const siblings = byTask.get(invocation.taskId);
    siblings?.delete(invocation);
    if (siblings?.size === 0) {
      byTask.delete(invocation.taskId);
      for (const resolve of drains.get(invocation.taskId) ?? []) resolve();
      drains.delete(invocation.taskId);
    }
    tell(invocation, outcome);
    invocation.settle(outcome);
  }

  function tell(invocation: Invocation, outcome: { results: string } | { error: PropError }): void {
    const { propletId } = invocation;
    events.publish({
      type: "invocation",
      task_id: invocation.taskId,
      ...(invocation.functionName === undefined ? {} : { function: invocation.functionName }),
      invocation_id: invocation.id,
      inputs: (invocation.request.inputs ?? []).map(String),
      ...(propletId === "" ? {} : { proplet_id: propletId }),
      duration_ms: Math.round((performance.now() - invocation.startedAt) * 100) / 100,
      ...("error" in outcome ? { error: outcome.error.message } : { results: outcome.results }),
    });
  }

  function askAgain(invocation: Invocation, error: string): void {
    const { task, asks, propletId } = invocation;
    const proplet = state.proplets.get(propletId);
    if (proplet === undefined) return;
    if (asks >= MOST_ASKS) {
      settle(invocation, { error: failed(error) });
      return;
    }
    invocation.asks += 1;
    void commands.start(task, proplet).catch(() => undefined);
    invocation.timers.push(
      setTimeout(
        () => {
          if (open.has(invocation.id) && invocation.sentTo === task.attempt) send(invocation);
        },
        Math.min(ASK_AGAIN_MAX_MS, ASK_AGAIN_MS * 2 ** asks),
      ),
    );
  }

  return {
    invoke(taskId, request, functionName) {
      const task = state.tasks.get(taskId);
      if (task === undefined || (task.state === TaskState.Pending && !task.queued_at)) {
        return Promise.reject(notStarted(taskId));
      }
      return new Promise((resolve, reject) => {
        const limit = request.timeoutMs ?? TIMEOUT_MS;
        const invocation: Invocation = {
          id: randomUUID(),
          taskId,
          task,
          functionName,
          request,
          startedAt: performance.now(),
          sentTo: 0,
          propletId: "",
          asks: 0,
          timers: [],
          settle: (outcome) => ("error" in outcome ? reject(outcome.error) : resolve(outcome.results)),
        };
        invocation.timers.push(
          setTimeout(() => settle(invocation, { error: tooLate(invocation, limit) }), limit),
        );
        open.set(invocation.id, invocation);
        byTask.set(taskId, (byTask.get(taskId) ?? new Set()).add(invocation));
        follow(invocation, task);
      });
    },
    answered({ invocation_id, results, error }) {
      const invocation = open.get(invocation_id);
      if (invocation === undefined) return;
      if (error?.includes(NOT_PRECOMPILED)) askAgain(invocation, error);
      else if (error) settle(invocation, { error: failed(error) });
      else
        settle(invocation, {
          results: typeof results === "string" ? results : JSON.stringify(results ?? ""),
        });
    },
    drained(taskId) {
      if (!byTask.has(taskId)) return Promise.resolve();
      return new Promise((resolve) => drains.set(taskId, [...(drains.get(taskId) ?? []), resolve]));
    },
    close() {
      stopListening();
      const error = new PropError({ code: "MANAGER_CLOSING", message: "the manager is shutting down" });
      for (const invocation of [...open.values()]) settle(invocation, { error });
    },
  };
}

function hasIt({ task, sentTo, propletId }: Invocation): boolean {
  return sentTo === task.attempt && holders(task).includes(propletId);
}

function notStarted(id: string): PropError {
  return new PropError({ code: "TASK_NOT_FOUND", message: `task ${id} is not started` });
}

function failed(message: string): PropError {
  return new PropError({ code: "INVOCATION_FAILED", message });
}

function ended(task: Task): PropError {
  return failed(task.error ?? `task ${task.id} is not running any more`);
}

function tooLate({ task, propletId }: Invocation, limitMs: number): PropError {
  const where = propletId === "" ? "no proplet was ready for it" : `proplet ${propletId} did not answer`;
  return new PropError({
    code: "INVOCATION_TIMEOUT",
    message: `task ${task.id}: no answer in ${limitMs / 1000} s: ${where}`,
  });
}
