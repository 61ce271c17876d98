/** A run on many proplets at once: to whom it went, what each answered, and when all of it has ended. Pure. */
import type { Answer, Task } from "./task.ts";
import { isActive, TaskState } from "./task-state.ts";

/** The run begins on `propletIds`; undefined where the task waits for nothing. */
export function broadcastTo(task: Task, propletIds: readonly string[], now: string): Task | undefined {
  if (task.state !== TaskState.Pending || !task.queued_at || propletIds.length === 0) return undefined;
  const { queued_at: _, ...placed } = task;
  const answers: Record<string, Answer | null> = Object.fromEntries(propletIds.map((id) => [id, null]));
  return { ...placed, state: TaskState.Running, answers, attempt: task.attempt + 1, start_time: now };
}

/** Answers by proplet; the first of each counts, and the last proplet's ends the run. Undefined where none is awaited. */
export function withAnswers(task: Task, given: ReadonlyMap<string, Answer>, now: string): Task | undefined {
  if (!isActive(task.state)) return undefined;
  const awaited = [...given].filter(([id]) => awaits(task, id));
  if (awaited.length === 0) return undefined;
  const answers = { ...task.answers, ...Object.fromEntries(awaited) };
  const answered = { ...task, answers };
  return Object.values(answers).includes(null) ? answered : ended(answered, answers, now);
}

/** Whether the proplet has it and has not answered. */
export function awaits({ answers }: Task, propletId: string): boolean {
  return answers !== undefined && Object.hasOwn(answers, propletId) && answers[propletId] === null;
}

/** The proplets that have the task now: all that have not answered, or the one it was given to. */
export function holders(task: Task): string[] {
  if (!isActive(task.state)) return [];
  if (task.answers === undefined) return task.proplet_id === undefined ? [] : [task.proplet_id];
  return Object.entries(task.answers).flatMap(([id, answer]) => (answer === null ? [id] : []));
}

function ended(task: Task, answers: Record<string, Answer | null>, now: string): Task {
  const { stopping, ...rest } = task;
  const entries = Object.entries(answers);
  const results = Object.fromEntries(
    entries.flatMap(([id, answer]) => (answer?.results === undefined ? [] : [[id, answer.results]])),
  );
  const errors = entries.flatMap(([id, answer]) => (answer?.error ? [`${id}: ${answer.error}`] : []));
  const shown = { ...rest, results, finish_time: now };
  if (stopping) return { ...shown, state: TaskState.Interrupted };
  if (errors.length === 0) return { ...shown, state: TaskState.Completed };
  const told = errors.slice(0, ERRORS_TOLD).join("; ");
  const more = errors.length > ERRORS_TOLD ? `; and ${errors.length - ERRORS_TOLD} more` : "";
  const error = `failed on ${errors.length} of ${entries.length} proplets: ${told}${more}`;
  return { ...shown, state: TaskState.Failed, error };
}

/** All of them are in the answers; the error has to be read. */
const ERRORS_TOLD = 20;
