/** What must be true of a system's tasks after it was broken and mended. */
import type { WireAttempt, WireTask } from "../../src/api/client.ts";
import { TaskState } from "../../src/model/task-state.ts";
import { allTasks } from "./load.ts";
import { resultFor } from "./module.ts";
import type { Run } from "./part.ts";
import type { System } from "./system.ts";

export interface Verdict {
  /** Each promise that was broken, in words. */
  violations: string[];
  figures: Record<string, number>;
}

const AT_ONCE = 32;

/** @param acknowledged the number each task was given, by its id */
export async function judge(
  { client, runs }: System,
  acknowledged: ReadonlyMap<string, number>,
): Promise<Verdict> {
  const tasks: WireTask[] = [];
  for await (const task of allTasks(client)) tasks.push(task);
  const attempts = new Map<string, WireAttempt[]>();
  const waiting = [...tasks];
  const ask = async () => {
    for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
      attempts.set(task.id, (await client.tasks.attempts(task.id, { limit: 1_000 })).attempts);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  const known = new Set(tasks.map(({ id }) => id));
  const lost = [...acknowledged.keys()].filter((id) => !known.has(id));
  return {
    violations: [
      ...lost.map((id) => `task ${id} was acknowledged and is gone`),
      ...tasks.flatMap((task) => faultsOf(task, attempts.get(task.id) ?? [])),
      ...unseen(runs, attempts),
    ],
    figures: figuresOf(tasks, attempts, runs),
  };
}

function faultsOf(task: WireTask, attempts: readonly WireAttempt[]): string[] {
  const { id, state, results, error = "" } = task;
  const n = Number(task.inputs?.[0]);
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`task ${id} (${n}, state ${state}): ${text}`);
  const expected = resultFor(n);
  if (state < TaskState.Completed) fault("it has not ended");
  if (state === TaskState.Completed && results !== expected) fault(`its result is ${String(results)}`);
  const hasCause = /unreachable/.test(error) ? expected === undefined : /given up after/.test(error);
  if (state === TaskState.Failed && !hasCause) fault(`it failed with ${error}`);
  const numbers = attempts.map(({ attempt }) => attempt);
  const made = task.attempt ?? Math.min(1, numbers.length);
  const wanted = Array.from({ length: made }, (_, index) => index + 1);
  if (numbers.join() !== wanted.join()) fault(`of ${made} attempts these are recorded: ${numbers.join()}`);
  const last = attempts.at(-1)?.outcome;
  if (state === TaskState.Completed && last !== "completed") fault(`its last attempt is ${last}`);
  return faults;
}

/** Runs that the history doesn't know of, or more than one of the same attempt. */
function unseen(runs: readonly Run[], attempts: ReadonlyMap<string, readonly WireAttempt[]>): string[] {
  const seen = new Set<string>();
  return runs.flatMap(({ propletId, taskId, attempt }) => {
    const run = `attempt ${attempt} of task ${taskId} on ${propletId}`;
    const record = attempts.get(taskId)?.find((one) => one.attempt === attempt);
    const repeated = seen.has(run);
    seen.add(run);
    if (repeated) return [`${run} ran twice`];
    return record?.proplet_id === propletId ? [] : [`${run} is not recorded`];
  });
}

function figuresOf(
  tasks: readonly WireTask[],
  attempts: ReadonlyMap<string, readonly WireAttempt[]>,
  runs: readonly Run[],
): Record<string, number> {
  const all = [...attempts.values()].flat();
  const figures: Record<string, number> = { tasks: tasks.length, attempts: all.length, runs: runs.length };
  const count = (name: string) => {
    figures[name] = (figures[name] ?? 0) + 1;
  };
  for (const { outcome } of all) count(`attempts ${outcome}`);
  for (const { state } of tasks) count(`tasks in state ${state}`);
  return figures;
}
