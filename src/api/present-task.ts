/** How the API shows a task: what legacy clients know, exactly; our own fields only where they say something. */
import type { Task } from "../model/task.ts";
import type { WireTask } from "./wire.ts";

/** Go's zero time: how the wire says that a time is not set. */
export const UNSET_TIME = "0001-01-01T00:00:00Z";

/** A task as JSON (wire-contract, section 2). */
export function presentTask(task: Task): WireTask {
  return {
    id: task.id,
    name: task.name,
    kind: task.kind,
    state: task.state,
    cli_args: task.cli_args ?? null,
    daemon: task.daemon,
    encrypted: task.encrypted,
    start_time: task.start_time ?? UNSET_TIME,
    finish_time: task.finish_time ?? UNSET_TIME,
    created_at: task.created_at,
    updated_at: task.updated_at ?? UNSET_TIME,
    next_run: UNSET_TIME,
    ...whatItRuns(task),
    ...whereItRuns(task),
    ...howItEnded(task),
    ...extensions(task),
  };
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
  if (task.metadata !== undefined) shown.metadata = task.metadata;
  return shown;
}

function whereItRuns(task: Task): Partial<WireTask> {
  const shown: Partial<WireTask> = {};
  if (task.proplet_id) shown.proplet_id = task.proplet_id;
  if (task.broadcast) shown.broadcast = true;
  if (task.priority !== 0) shown.priority = task.priority;
  if (task.monitoring_profile) shown.monitoring_profile = { ...COLLECT_NOTHING, ...task.monitoring_profile };
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
  if (task.limits) shown.limits = task.limits;
  if (task.attempt > 1) shown.attempt = task.attempt;
  if (task.lost > 0) shown.lost = task.lost;
  if (task.queued_at !== undefined) shown.queued_at = task.queued_at;
  if (task.stopping) shown.stopping = true;
  return shown;
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
