/** A task: one run of a module, as clients describe it and as the manager keeps it. */
import Type, { type Static } from "typebox";
import { Environment, Inputs } from "../protocol/messages/fields.ts";
import { MonitoringProfile, TaskLimits } from "../protocol/messages/start.ts";
import { PlacementInput } from "./placement.ts";
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
  /** Which proplets will do, and how one of them is chosen. [E] */
  placement: Type.Optional(PlacementInput),
  /** How many attempts may be lost with their proplets before it fails; the manager's own by default. [E] */
  max_attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  /** What becomes of runs that fell due while the manager was down: none of them, or one. `once` by default. [E] */
  catch_up: Type.Optional(Type.Union([Type.Literal("skip"), Type.Literal("once")])),
});
export type TaskInput = Static<typeof TaskInput>;

/** A module that was handed in with a task. */
export interface ModuleRef {
  digest: string;
  sizeBytes: number;
  /** How every answer shows `file`: its first and last ten characters in base64. */
  preview: string;
  /** It is a component, not a core module: not every runtime takes those. */
  component?: true;
}

/** What the reference in `image_url` stood for when the run began: each attempt and each proplet runs the same. [E] */
export interface TaskImage {
  /** As it was asked for. */
  reference: string;
  /** The reference with the digest of its manifest in place of its tag. */
  pinned: string;
  /** Of the module. */
  digest: string;
  sizeBytes: number;
  component?: true;
}

/** What a task runs, where its digest is known: the module that was handed in, or that of its image. */
export function knownModule({ module, image }: Task): Omit<ModuleRef, "preview"> | undefined {
  return module ?? image;
}

export const DEFAULT_PRIORITY = 50;

/** What one proplet answered to a broadcast. */
export interface Answer {
  results?: unknown;
  error?: string;
}

/** A task as the manager keeps it. Fields in snake case are the wire's own; times are RFC 3339, absent where not set. */
export interface Task {
  id: string;
  name: string;
  /** Absent where nobody said: tasks of a job or a workflow. */
  kind?: string;
  state: TaskState;
  image_url?: string;
  module?: ModuleRef;
  /** Absent until its image was found; not looked for where the image is a URL, or someone else brings it. */
  image?: TaskImage;
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
  /** It runs on every proplet that is alive when it starts. */
  broadcast?: boolean;
  /** Of a broadcast run: what each proplet it was sent to answered; null until then. */
  answers?: Record<string, Answer | null>;
  /** 0 to 100, higher first; `DEFAULT_PRIORITY` where it is absent. */
  priority?: number;
  /** Ids of the tasks of its workflow or job that end before it starts. */
  depends_on?: string[];
  /** How those have to end: all Completed (the default), or at least one Failed. */
  run_if?: "success" | "failure";
  workflow_id?: string;
  job_id?: string;
  /** Five-field cron expression. */
  schedule?: string;
  /** IANA zone of the schedule; UTC where it is absent. */
  timezone?: string;
  is_recurring?: boolean;
  catch_up?: "skip" | "once";
  /** When the schedule starts it next; absent where it doesn't. */
  next_run?: string;
  /** How many times it was due and didn't run. */
  skipped_runs?: number;
  placement?: PlacementInput;
  max_attempts?: number;
  metadata?: unknown;
  hal_storage_path?: string;
  limits?: TaskLimits;
  /** Set from the moment the task is started until it is placed: it waits for a proplet. */
  queued_at?: string;
  /** The number of the latest attempt, counted over all runs; 0 before the first. */
  attempt: number;
  /** How many attempts of this run were lost with their proplet. */
  lost: number;
  /** Why the latest of those were lost, oldest first. */
  losses?: string[];
  /** Who had the latest attempt, while it waits for another. */
  given_to?: string;
  /** The process of the proplet that holds the current attempt, where the proplet says. */
  boot_id?: string;
  /** The function it was deployed for: it goes once that name is turned to another task. */
  function?: string;
  /** A stop was asked for and the proplet has not confirmed it yet. */
  stopping?: boolean;
}
