/** A proplet introduces itself, once after each connect. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id, PropletId } from "./fields.ts";

export const PropletMetadata = message({
  description: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Array(Type.String())),
  location: Type.Optional(Type.String()),
  ip: Type.Optional(Type.String()),
  environment: Type.Optional(Type.String()),
  os: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
  cpu_arch: Type.Optional(Type.String()),
  total_memory_bytes: Type.Optional(Type.Number({ minimum: 0 })),
  proplet_version: Type.Optional(Type.String()),
  wasm_runtime: Type.Optional(Type.String()),
});
export type PropletMetadata = Static<typeof PropletMetadata>;

/** What a proplet can take on. [E] */
export const Capacity = message({
  slots: Type.Integer({ minimum: 1 }),
  memory_bytes: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Thousandths of a core. */
  cpu_millis: Type.Optional(Type.Integer({ minimum: 0 })),
  /** A pod of a cluster, or anything else. */
  proplet_type: Type.Optional(Type.Union([Type.Literal("k8s"), Type.Literal("external")])),
  device_type: Type.Optional(Type.String()),
  capabilities: Type.Optional(Type.Array(Type.String())),
});
export type Capacity = Static<typeof Capacity>;

/** An attempt that a proplet holds: accepted, running or waiting there. [E] */
const HeldAttempt = message({ task_id: Id, attempt: Attempt });

export const Discovery = message({
  proplet_id: PropletId,
  namespace: Type.Optional(Type.String()),
  metadata: Type.Optional(PropletMetadata),
  features: Type.Optional(Type.Array(Type.String())),
  capacity: Type.Optional(Capacity),
  /** Changes with each start of the proplet's process: what an earlier one ran is gone. [E] */
  boot_id: Type.Optional(Id),
  /** What it holds now, where it can tell: the manager compares it with what it gave it. [E] */
  held: Type.Optional(Type.Array(HeldAttempt)),
});
export type Discovery = Static<typeof Discovery>;
