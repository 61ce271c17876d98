/** What the API says: the schemas of its answers, which type the server and the client and make the OpenAPI document. */

import Type, { type Static, type TProperties } from "typebox";
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
  kind: Type.String(),
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
  priority: Type.Optional(Type.Integer()),
  metadata: Type.Optional(Type.Unknown()),
  hal_storage_path: Text,
  file: Type.Optional(
    Type.String({ description: "the first and last ten characters of the module in base64" }),
  ),
  limits: Type.Optional(TaskLimits),
  attempt: Type.Optional(Type.Integer({ description: "of this run, where it is not the first" })),
  lost: Type.Optional(
    Type.Integer({ description: "attempts of this run that were lost with their proplet" }),
  ),
  queued_at: Type.Optional(Type.String({ description: "since when the task waits for a proplet" })),
  stopping: Type.Optional(Type.Boolean({ description: "its proplet has not confirmed the stop yet" })),
});
export type WireTask = Static<typeof WireTask>;

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
