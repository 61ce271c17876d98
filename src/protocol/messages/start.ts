/** The manager tells a proplet to run a task. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Digest, Environment, Id, Inputs } from "./fields.ts";

/** What a proplet measures of a task while it runs. `interval` is in whole seconds. */
export const MonitoringProfile = message({
  enabled: Type.Boolean(),
  interval: Type.Optional(Type.Number({ minimum: 0 })),
  collect_cpu: Type.Optional(Type.Boolean()),
  collect_memory: Type.Optional(Type.Boolean()),
  collect_disk_io: Type.Optional(Type.Boolean()),
  collect_threads: Type.Optional(Type.Boolean()),
  collect_file_descriptors: Type.Optional(Type.Boolean()),
  export_to_mqtt: Type.Optional(Type.Boolean()),
  retain_history: Type.Optional(Type.Boolean()),
  history_size: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type MonitoringProfile = Static<typeof MonitoringProfile>;

/** What a run may use. [E] */
export const TaskLimits = message({
  wall_time_ms: Type.Optional(Type.Integer({ minimum: 1 })),
  memory_bytes: Type.Optional(Type.Integer({ minimum: 65_536 })),
});
export type TaskLimits = Static<typeof TaskLimits>;

export const Start = message({
  id: Id,
  name: Type.String(),
  state: Type.Optional(Type.Integer()),
  image_url: Type.Optional(Type.String()),
  /** The whole module in standard base64. */
  file: Type.Optional(Type.String()),
  inputs: Type.Optional(Inputs),
  cli_args: Type.Optional(Type.Array(Type.String())),
  broadcast: Type.Optional(Type.Boolean()),
  daemon: Type.Optional(Type.Boolean()),
  latent: Type.Optional(Type.Boolean()),
  env: Type.Optional(Environment),
  encrypted: Type.Optional(Type.Boolean()),
  kbs_resource_path: Type.Optional(Type.String()),
  monitoring_profile: Type.Optional(MonitoringProfile),
  proplet_id: Type.Optional(Type.String()),
  hal_storage_path: Type.Optional(Type.String()),
  parent_results: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  attempt: Type.Optional(Attempt),
  digest: Type.Optional(Digest),
  /** Of the module, in bytes. [E] */
  size: Type.Optional(Type.Integer({ minimum: 0 })),
  limits: Type.Optional(TaskLimits),
});
export type Start = Static<typeof Start>;
