/** How the API shows a task: what legacy clients know, exactly; our own fields only where they say something. */
import type { Task } from "../model/task.ts";
import { isActive } from "../model/task-state.ts";
import type { WireTask } from "./wire.ts";

/** Go's zero time: how the wire says that a time is not set. */
export const UNSET_TIME = "0001-01-01T00:00:00Z";

/** A task as JSON (wire-contract, section 2). */
export function presentTask(task: Task): WireTask {
  return {
    id: task.id,
    name: task.name,
    ...(task.kind ? { kind: task.kind } : {}),
    state: task.state,
    cli_args: task.cli_args ?? null,
    daemon: task.daemon,
    encrypted: task.encrypted,
    start_time: task.start_time ?? UNSET_TIME,
    finish_time: task.finish_time ?? UNSET_TIME,
    created_at: task.created_at,
    updated_at: task.updated_at ?? UNSET_TIME,
    next_run: task.next_run ?? UNSET_TIME,
    ...whatItRuns(task),
    ...whereItRuns(task),
    ...whenItRuns(task),
    ...howItEnded(task),
    ...extensions(task),
  };
}

/** A task with why it is not placed yet, where it is queued. */
export function presentWaiting(task: Task, waits: string | undefined): WireTask {
  return { ...presentTask(task), ...(waits === undefined ? {} : { waits }) };
}

function whatItRuns(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.image_url) shown.image_url = task.image_url;
  if (task.module) shown.file = task.module.preview;
  if (task.inputs?.length) shown.inputs = task.inputs;
  if (task.env && Object.keys(task.env).length > 0) shown.env = task.env;
  if (task.latent) shown.latent = true;
  if (task.kbs_resource_path) shown.kbs_resource_path = task.kbs_resource_path;
  if (task.mode) shown.mode = task.mode;
  if (task.hal_storage_path) shown.hal_storage_path = task.hal_storage_path;
  if (!isNothing(task.metadata)) shown.metadata = task.metadata;
  return shown;
}

function whereItRuns(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.proplet_id) shown.proplet_id = task.proplet_id;
  if (task.broadcast) shown.broadcast = true;
  if (task.priority) shown.priority = task.priority;
  if (task.monitoring_profile) shown.monitoring_profile = { ...COLLECT_NOTHING, ...task.monitoring_profile };
  return shown;
}

function whenItRuns(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.depends_on?.length) shown.depends_on = task.depends_on;
  if (task.run_if) shown.run_if = task.run_if;
  if (task.workflow_id) shown.workflow_id = task.workflow_id;
  if (task.job_id) shown.job_id = task.job_id;
  if (task.schedule) shown.schedule = task.schedule;
  if (task.is_recurring) shown.is_recurring = true;
  if (task.timezone) shown.timezone = task.timezone;
  if (task.catch_up) shown.catch_up = task.catch_up;
  if (task.skipped_runs) shown.skipped_runs = task.skipped_runs;
  return shown;
}

function howItEnded(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.results !== undefined) shown.results = task.results;
  if (task.error) shown.error = task.error;
  return shown;
}

function extensions(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.image && !task.module) shown.image_digest = task.image.digest;
  if (task.limits) shown.limits = task.limits;
  if (task.placement) shown.placement = task.placement;
  if (task.max_attempts) shown.max_attempts = task.max_attempts;
  if (task.attempt > 1) shown.attempt = task.attempt;
  if (task.lost > 0) shown.lost = task.lost;
  if (task.queued_at !== undefined) shown.queued_at = task.queued_at;
  if (task.stopping) shown.stopping = true;
  if (task.answers !== undefined && isActive(task.state)) shown.answers = task.answers;
  return shown;
}

/** Go leaves out what is empty, where the field says so. */
function isNothing(metadata: unknown): boolean {
  return (
    metadata === undefined ||
    metadata === null ||
    (typeof metadata === "object" && Object.keys(metadata).length === 0)
  );
}

const COLLECT_NOTHING = {
  collect_cpu: false,
  collect_memory: false,
  collect_disk_io: false,
  collect_threads: false,
  collect_file_descriptors: false,
  export_to_mqtt: false,
  retain_history: false,
};
