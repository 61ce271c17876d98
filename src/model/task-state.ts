/** The states of a task, as numbers on the wire and as words for people. */

export const TaskState = {
  Pending: 0,
  Scheduled: 1,
  Running: 2,
  Completed: 3,
  Failed: 4,
  Skipped: 5,
  Interrupted: 6,
} as const;
export type TaskState = (typeof TaskState)[keyof typeof TaskState];

export const taskStateNames = [
  "Pending",
  "Scheduled",
  "Running",
  "Completed",
  "Failed",
  "Skipped",
  "Interrupted",
] as const;
export type TaskStateName = (typeof taskStateNames)[number];

export function stateName(state: TaskState): TaskStateName {
  return taskStateNames[state];
}

/** The state of a name in any case; undefined where there is none of it. */
export function stateNamed(name: string): TaskState | undefined {
  const wanted = name.toLowerCase();
  return Object.values(TaskState).find((state) => taskStateNames[state].toLowerCase() === wanted);
}

/** True once a task can change no more but by being started again. */
export function isEnded(state: TaskState): boolean {
  return state >= TaskState.Completed;
}

/** True while a proplet holds the task, or may. */
export function isActive(state: TaskState): boolean {
  return state === TaskState.Scheduled || state === TaskState.Running;
}
