/** From what a client says of a task to a task, or a refusal that names the field. */
import { PropError } from "../../errors.ts";
import { DEFAULT_PRIORITY, type Task, type TaskInput } from "../../model/task.ts";
import { isActive, TaskState } from "../../model/task-state.ts";
import type { Change } from "../../store/store.ts";
import { MAX_LEVELS, nestsDeeper } from "../nesting.ts";
import { newId } from "../new-id.ts";
import { armed } from "../schedules/validate-schedule.ts";
import { type ModuleReader, readModule } from "./read-module.ts";
import { checkPlacement } from "./validate-placement.ts";

export interface Described {
  task: Task;
  /** The module, to be written with the task. */
  changes: Change[];
}

const METADATA_BYTES = 1_048_576;

/** A new task. @throws PropError `TASK_INVALID`, `MODULE_INVALID` */
export function newTask(input: TaskInput, now: Date, moduleIn: ModuleReader = readModule): Described {
  if (!input.name) throw invalid("missing identity name");
  const { task, changes } = describe(
    {
      id: newId(),
      name: input.name,
      kind: "standard",
      state: TaskState.Pending,
      daemon: false,
      latent: false,
      encrypted: false,
      pinned: false,
      priority: DEFAULT_PRIORITY,
      created_at: now.toISOString(),
      attempt: 0,
      lost: 0,
    },
    input,
    moduleIn,
  );
  return { task: armed(task, input, now), changes };
}

/** `task` with the fields that `input` gives. @throws PropError `TASK_INVALID`, `MODULE_INVALID` */
export function describe(task: Task, input: TaskInput, moduleIn: ModuleReader = readModule): Described {
  check(input);
  const { file, kind, proplet_id, inputs, limits, priority, ...fields } = input;
  const given = Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => Object.hasOwn(known, key) && value !== undefined),
  );
  const next: Task = { ...task, ...given };
  if (kind) next.kind = kind;
  // Clients in Go leave a 0 out: to the legacy manager it is none.
  if (priority) next.priority = priority;
  if (inputs !== undefined) next.inputs = inputs.map(String);
  if (limits !== undefined) next.limits = limits;
  const isThere = isActive(task.state) && proplet_id === task.proplet_id;
  if (proplet_id && !isThere) Object.assign(next, { proplet_id, pinned: true });
  if (!file) return { task: next, changes: [] };
  const { module, change } = moduleIn(file);
  return { task: { ...next, module }, changes: [change] };
}

function check(input: TaskInput): void {
  const { priority = 50, broadcast, proplet_id, metadata } = input;
  checkDependencies(input);
  checkPlacement(input);
  if (priority < 0 || priority > 100) throw invalid(`priority must be between 0 and 100, got ${priority}`);
  if (broadcast && proplet_id) {
    throw invalid("invalid value provided: broadcast and proplet_id are mutually exclusive");
  }
  if (nestsDeeper(metadata)) throw invalid(`metadata nests more than ${MAX_LEVELS} levels deep`);
  if (metadata !== undefined && JSON.stringify(metadata).length > METADATA_BYTES) {
    throw invalid("metadata is larger than 1 MB");
  }
}

function checkDependencies({ run_if }: TaskInput): void {
  if (run_if && run_if !== "success" && run_if !== "failure") {
    throw invalid(`run_if must be "success" or "failure", got "${run_if}"`);
  }
}

/** The fields that go over as they are. */
const known = {
  placement: 1,
  max_attempts: 1,
  name: 1,
  image_url: 1,
  cli_args: 1,
  env: 1,
  daemon: 1,
  latent: 1,
  encrypted: 1,
  kbs_resource_path: 1,
  monitoring_profile: 1,
  mode: 1,
  broadcast: 1,
  metadata: 1,
  hal_storage_path: 1,
  depends_on: 1,
  run_if: 1,
  workflow_id: 1,
  job_id: 1,
  schedule: 1,
  timezone: 1,
  is_recurring: 1,
  catch_up: 1,
};

function invalid(message: string): PropError {
  return new PropError({ code: "TASK_INVALID", message });
}
