/** From what a client says of the tasks of a job or a workflow to tasks, or a refusal that names the one to blame. */

import { PropError } from "../../errors.ts";
import { type DagNode, dagFlaw } from "../../model/dag.ts";
import type { Task } from "../../model/task.ts";
import { TaskState } from "../../model/task-state.ts";
import type { Change, GroupRef } from "../../store/store.ts";
import type { GroupedTaskInput } from "../manager.ts";
import { newId } from "../new-id.ts";
import { armed } from "../schedules/validate-schedule.ts";
import type { State } from "../state/state.ts";
import { modulesOnce } from "../tasks/read-module.ts";
import { describe } from "../tasks/validate-task.ts";

export interface GroupTasks {
  tasks: Task[];
  /** The modules, each once, to be written with the tasks. */
  changes: Change[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The tasks of a new group, in the order given. `depends_on` may name others by their id, or by a name that only one has.
 * @throws PropError `code` where the tasks are no graph, `TASK_INVALID`, `MODULE_INVALID`
 */
export function groupTasks(
  inputs: readonly GroupedTaskInput[],
  { ref, now, code }: { ref: GroupRef; now: Date; code: string },
): GroupTasks {
  // The words of a legacy manager.
  if (inputs.length === 0) throw refused(code, "something went wrong with the request");
  const named = inputs.map((input) => ({ ...input, id: idOf(input, code) }));
  const idOfName = namesOf(named, code);
  const modules = modulesOnce();
  const changes = new Map<string, Change>();
  const tasks = named.map(({ id, depends_on, job_id: _, workflow_id: __, ...input }, index) => {
    const described = naming(`task ${input.name || `${index + 1} of ${inputs.length}`}`, () => {
      const parents = depends_on?.map((reference) => idOfName(reference));
      const task = plainTask(id, checkName(input), now, ref);
      const { task: plain, changes: added } = describe(task, { ...input, ...withParents(parents) }, modules);
      return { task: armed(plain, input, now), changes: added };
    });
    for (const change of described.changes) if (change.kind === "module") changes.set(change.digest, change);
    return described.task;
  });
  checkDag(tasks, code);
  return { tasks, changes: [...changes.values()] };
}

/** @throws PropError `code` where the tasks are no directed acyclic graph */
export function checkDag(nodes: readonly DagNode[], code: string): void {
  const flaw = dagFlaw(nodes);
  if (flaw !== undefined) throw refused(code, flaw);
}

/** @throws PropError `code` where a task with one of these ids is there already */
export async function checkNew(
  state: State,
  inputs: readonly GroupedTaskInput[],
  code: string,
): Promise<void> {
  for (const { id } of inputs) {
    if (id && (await state.find(id)) !== undefined) throw refused(code, `task ${id} exists already`);
  }
}

/** The group's own id, where the client gave it with a task. */
export function givenGroupId(
  inputs: readonly GroupedTaskInput[],
  key: "job_id" | "workflow_id",
  code: string,
): string {
  const given = inputs.find((input) => input[key])?.[key];
  if (given === undefined) return newId();
  if (!UUID.test(given)) throw refused(code, `${key} "${given}" is not a UUID`);
  return given;
}

/** A task before anything is said of it. Nobody says a kind or a priority of these. */
function plainTask(id: string, name: string, now: Date, ref: GroupRef): Task {
  return {
    id,
    name,
    state: TaskState.Pending,
    daemon: false,
    latent: false,
    encrypted: false,
    pinned: false,
    created_at: now.toISOString(),
    attempt: 0,
    lost: 0,
    ...ref,
  };
}

function checkName({ name }: GroupedTaskInput): string {
  if (!name) throw refused("TASK_INVALID", "missing identity name");
  return name;
}

function idOf({ id }: GroupedTaskInput, code: string): string {
  if (!id) return newId();
  if (!UUID.test(id)) {
    throw refused(code, `task id "${id}" is not a UUID`, "Leave it out, and name tasks by their names.");
  }
  return id;
}

/** What a reference in `depends_on` means; one that means nothing stays as it is, to be named. */
function namesOf(
  tasks: readonly { id: string; name?: string }[],
  code: string,
): (reference: string) => string {
  const ids = new Set(tasks.map(({ id }) => id));
  const byName = new Map<string, string[]>();
  for (const { id, name = "" } of tasks) {
    const same = byName.get(name);
    if (same === undefined) byName.set(name, [id]);
    else same.push(id);
  }
  return (reference) => {
    if (ids.has(reference)) return reference;
    const found = byName.get(reference) ?? [];
    if (found.length > 1)
      throw refused(code, `${found.length} tasks are called ${reference}: name one by its id`);
    return found[0] ?? reference;
  };
}

function withParents(parents: string[] | undefined): { depends_on?: string[] } {
  return parents === undefined || parents.length === 0 ? {} : { depends_on: parents };
}

/** Says of which task a refusal speaks. */
function naming<T>(of: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PropError)) throw error;
    const { code, message, hint } = error;
    throw new PropError({ code, message: `${of}: ${message}`, ...(hint === undefined ? {} : { hint }) });
  }
}

export function refused(code: string, message: string, hint?: string): PropError {
  return new PropError({ code, message, ...(hint === undefined ? {} : { hint }) });
}
