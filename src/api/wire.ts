/** What the API says: the schemas of its answers, which type the server and the client and make the OpenAPI document. */

import Type, { type Static, type TProperties } from "typebox";
import { PlacementInput, Policy } from "../model/placement.ts";
import { Capacity, PropletMetadata } from "../protocol/messages/discovery.ts";
import { Environment } from "../protocol/messages/fields.ts";
import { TaskFigures } from "../protocol/messages/metrics.ts";
import { MonitoringProfile, TaskLimits } from "../protocol/messages/start.ts";

const Time = Type.String({ description: "RFC 3339; 0001-01-01T00:00:00Z where it is not set" });
const Text = Type.Optional(Type.String());

const WireState = Type.Union(
  [
    Type.Literal(0),
    Type.Literal(1),
    Type.Literal(2),
    Type.Literal(3),
    Type.Literal(4),
    Type.Literal(5),
    Type.Literal(6),
  ],
  { description: "0 Pending, 1 Scheduled, 2 Running, 3 Completed, 4 Failed, 5 Skipped, 6 Interrupted" },
);

/** A task as the API shows it (wire-contract, section 2). */
export const WireTask = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: Text,
  state: WireState,
  image_url: Text,
  cli_args: Type.Union([Type.Array(Type.String()), Type.Null()]),
  inputs: Type.Optional(Type.Array(Type.String())),
  env: Type.Optional(Environment),
  daemon: Type.Boolean(),
  latent: Type.Optional(Type.Boolean()),
  encrypted: Type.Boolean(),
  kbs_resource_path: Text,
  monitoring_profile: Type.Optional(MonitoringProfile),
  proplet_id: Text,
  results: Type.Optional(Type.Unknown()),
  error: Text,
  start_time: Time,
  finish_time: Time,
  created_at: Time,
  updated_at: Time,
  mode: Text,
  next_run: Time,
  broadcast: Type.Optional(Type.Boolean()),
  answers: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: "of a broadcast under way: what each proplet it was sent to answered, null until it does",
    }),
  ),
  depends_on: Type.Optional(Type.Array(Type.String())),
  run_if: Text,
  workflow_id: Text,
  job_id: Text,
  schedule: Text,
  is_recurring: Type.Optional(Type.Boolean()),
  timezone: Text,
  priority: Type.Optional(Type.Integer()),
  metadata: Type.Optional(Type.Unknown()),
  hal_storage_path: Text,
  file: Type.Optional(
    Type.String({ description: "the first and last ten characters of the module in base64" }),
  ),
  image_digest: Type.Optional(
    Type.String({ description: "of the module that image_url stood for when this run began" }),
  ),
  limits: Type.Optional(TaskLimits),
  placement: Type.Optional(PlacementInput),
  max_attempts: Type.Optional(Type.Integer()),
  catch_up: Text,
  skipped_runs: Type.Optional(Type.Integer({ description: "times that it was due and did not run" })),
  attempt: Type.Optional(Type.Integer({ description: "of this run, where it is not the first" })),
  lost: Type.Optional(
    Type.Integer({ description: "attempts of this run that were lost with their proplet" }),
  ),
  queued_at: Type.Optional(Type.String({ description: "since when the task waits for a proplet" })),
  waits: Type.Optional(Type.String({ description: "why a task that is queued is not placed yet" })),
  stopping: Type.Optional(Type.Boolean({ description: "its proplet has not confirmed the stop yet" })),
});
export type WireTask = Static<typeof WireTask>;

/** An attempt at a task, once it ended. [E] */
export const WireAttempt = Type.Object({
  attempt: Type.Integer({ description: "counted over all runs of the task" }),
  proplet_id: Type.String(),
  dispatched_at: Type.String(),
  ended_at: Text,
  outcome: Type.Optional(
    Type.String({ description: "completed, failed, interrupted, lost, released or superseded" }),
  ),
  reason: Text,
  cause: Type.Optional(
    Type.String({
      description: "of a lost one: restarted, silent, gone, not_accepted, not_sent, not_held or stopped",
    }),
  ),
});
export type WireAttempt = Static<typeof WireAttempt>;

/** Why a task is where it is. [E] */
export const WireExplanation = Type.Object({
  task: WireTask,
  policy: Policy,
  waits: Type.Optional(Type.String({ description: "why it is not placed, where it is queued" })),
  proplets: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      holds: Type.Boolean({ description: "it has the task" }),
      fits: Type.Boolean({ description: "it could take the task now" }),
      reasons: Type.Array(Type.String(), {
        description: "what keeps the task off it; or what speaks for it, where it fits",
      }),
      rank: Type.Optional(Type.Integer({ description: "1 is the one that the policy takes" })),
    }),
  ),
});
export type WireExplanation = Static<typeof WireExplanation>;

/** What an operator says of a proplet. [E] */
export const WireDeclaration = Type.Object({
  device_type: Type.Optional(Type.String({ description: "what it is: esp32, raspberry-pi" })),
  capabilities: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  tags: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
});

/** A proplet as the API shows it. */
export const WireProplet = Type.Object({
  id: Type.String(),
  name: Type.String(),
  task_count: Type.Integer(),
  alive: Type.Boolean(),
  last_alive_at: Text,
  metadata: PropletMetadata,
  features: Type.Optional(Type.Array(Type.String())),
  capacity: Type.Optional(Capacity),
  declared: Type.Optional(WireDeclaration),
  unheard: Type.Optional(
    Type.Boolean({ description: "it lived when the manager started, which has not heard it since" }),
  ),
  cordoned: Type.Optional(Type.Boolean({ description: "it gets nothing new" })),
  draining: Type.Optional(Type.Boolean({ description: "what it holds ends, or moves" })),
  leaving: Type.Optional(Type.Boolean({ description: "it was told to stop, and hands over what it holds" })),
});
export type WireProplet = Static<typeof WireProplet>;

const Figure = Type.Number();

/** What a proplet measured of its machine; 100 percent is one full core. */
export const WirePropletMetrics = Type.Object({
  proplet_id: Type.String(),
  namespace: Type.String(),
  timestamp: Time,
  cpu_metrics: Type.Object({ user_seconds: Figure, system_seconds: Figure, percent: Figure }),
  memory_metrics: Type.Object({
    rss_bytes: Figure,
    heap_alloc_bytes: Figure,
    heap_sys_bytes: Figure,
    heap_inuse_bytes: Figure,
    container_usage_bytes: Type.Optional(Figure),
    container_limit_bytes: Type.Optional(Figure),
  }),
});
export type WirePropletMetrics = Static<typeof WirePropletMetrics>;

/** What a proplet measured of one task. */
export const WireTaskMetrics = Type.Object({
  task_id: Type.String(),
  proplet_id: Type.String(),
  metrics: Type.Required(TaskFigures),
  aggregated: Type.Optional(Type.Record(Type.String(), Figure)),
  timestamp: Time,
});
export type WireTaskMetrics = Static<typeof WireTaskMetrics>;

export const WireFunction = Type.Object({
  name: Type.String(),
  revision: Type.Integer(),
  task_id: Type.String(),
  created_at: Type.String(),
  updated_at: Type.String(),
});
export type WireFunction = Static<typeof WireFunction>;

export const WireHealth = Type.Object({
  status: Type.Union([Type.Literal("pass"), Type.Literal("warn")]),
  version: Type.String(),
  commit: Type.String(),
  description: Type.String(),
  build_time: Type.String(),
  instance_id: Type.String(),
  output: Type.Optional(Type.String({ description: "why the status is warn" })),
});
export type WireHealth = Static<typeof WireHealth>;

export const Invoked = Type.Object({ invoked: Type.Boolean(), results: Type.String() });
export type Invoked = Static<typeof Invoked>;

const paging = { offset: Type.Integer(), limit: Type.Integer(), total: Type.Integer() };

function page<P extends TProperties>(items: P) {
  return Type.Object({ ...paging, ...items });
}

export const TaskPage = page({ tasks: Type.Array(WireTask) });
export type TaskPage = Static<typeof TaskPage>;

export const AttemptPage = page({ attempts: Type.Array(WireAttempt) });
export type AttemptPage = Static<typeof AttemptPage>;

export const PropletPage = page({ proplets: Type.Array(WireProplet) });
export type PropletPage = Static<typeof PropletPage>;

export const TaskMetricsPage = page({ metrics: Type.Array(WireTaskMetrics) });
export type TaskMetricsPage = Static<typeof TaskMetricsPage>;

export const PropletMetricsPage = page({ metrics: Type.Array(WirePropletMetrics) });
export type PropletMetricsPage = Static<typeof PropletMetricsPage>;

export const HistoryPage = page({ history: Type.Array(Type.String()) });
export type HistoryPage = Static<typeof HistoryPage>;

export const FunctionList = Type.Object({ total: Type.Integer(), functions: Type.Array(WireFunction) });
export type FunctionList = Static<typeof FunctionList>;

/** A token as it is listed: what it is, never what it says. */
export const WireToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: Type.Union([Type.Literal("read"), Type.Literal("deploy"), Type.Literal("admin")]),
  created_at: Type.String(),
  expires_at: Text,
});
export type WireToken = Static<typeof WireToken>;

export const CreatedToken = Type.Object({
  ...WireToken.properties,
  token: Type.String({ description: "told here and never again" }),
});
export type CreatedToken = Static<typeof CreatedToken>;

export const TokenList = Type.Object({ total: Type.Integer(), tokens: Type.Array(WireToken) });
export type TokenList = Static<typeof TokenList>;
