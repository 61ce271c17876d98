/** A task: one run of a module, as clients describe it and as the manager keeps it. */
import Type, { type Static } from "typebox";
import { Environment, Inputs } from "../protocol/messages/fields.ts";
import { MonitoringProfile, TaskLimits } from "../protocol/messages/start.ts";
import type { TaskState } from "./task-state.ts";

/** What a client may say of a task (wire-contract: `POST /tasks`, `PUT /tasks/{id}`). Unknown fields are ignored. */
export const TaskInput = Type.Object({
  name: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  image_url: Type.Optional(Type.String()),
  /** The module in standard base64. */
  file: Type.Optional(Type.String()),
  cli_args: Type.Optional(Type.Array(Type.String())),
  inputs: Type.Optional(Inputs),
  env: Type.Optional(Environment),
  daemon: Type.Optional(Type.Boolean()),
  latent: Type.Optional(Type.Boolean()),
  encrypted: Type.Optional(Type.Boolean()),
  kbs_resource_path: Type.Optional(Type.String()),
  proplet_id: Type.Optional(Type.String()),
  depends_on: Type.Optional(Type.Array(Type.String())),
  run_if: Type.Optional(Type.String()),
  workflow_id: Type.Optional(Type.String()),
  job_id: Type.Optional(Type.String()),
  monitoring_profile: Type.Optional(MonitoringProfile),
  mode: Type.Optional(Type.String()),
  schedule: Type.Optional(Type.String()),
  is_recurring: Type.Optional(Type.Boolean()),
  timezone: Type.Optional(Type.String()),
  broadcast: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
  metadata: Type.Optional(Type.Unknown()),
  hal_storage_path: Type.Optional(Type.String()),
  limits: Type.Optional(TaskLimits),
});
export type TaskInput = Static<typeof TaskInput>;

/** A module that was handed in with a task. */
export interface ModuleRef {
  digest: string;
  sizeBytes: number;
  /** How every answer shows `file`: its first and last ten characters in base64. */
  preview: string;
}

/** A task as the manager keeps it. Fields in snake case are the wire's own; times are RFC 3339, absent where not set. */
export interface Task {
  id: string;
  name: string;
  kind: string;
  state: TaskState;
  image_url?: string;
  module?: ModuleRef;
  cli_args?: string[];
  inputs?: string[];
  env?: Record<string, string>;
  daemon: boolean;
  latent: boolean;
  encrypted: boolean;
  kbs_resource_path?: string;
  monitoring_profile?: MonitoringProfile;
  proplet_id?: string;
  /** `proplet_id` was asked for, not chosen: no other proplet will do. */
  pinned: boolean;
  results?: unknown;
  error?: string;
  created_at: string;
  updated_at?: string;
  start_time?: string;
  finish_time?: string;
  mode?: string;
  broadcast?: boolean;
  priority: number;
  metadata?: unknown;
  hal_storage_path?: string;
  limits?: TaskLimits;
  /** Set from the moment the task is started until it is placed: it waits for a proplet. */
  queued_at?: string;
  /** The number of the latest attempt, counted over all runs; 0 before the first. */
  attempt: number;
  /** How many attempts of this run were lost with their proplet. */
  lost: number;
  /** The process of the proplet that holds the current attempt, where the proplet says. */
  boot_id?: string;
  /** The function it was deployed for: it goes once that name is turned to another task. */
  function?: string;
  /** A stop was asked for and the proplet has not confirmed it yet. */
  stopping?: boolean;
}
