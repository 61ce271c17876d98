/** A proplet introduces itself, once after each connect. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id } from "./fields.ts";

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
  device_type: Type.Optional(Type.String()),
  capabilities: Type.Optional(Type.Array(Type.String())),
});
export type Capacity = Static<typeof Capacity>;

export const Discovery = message({
  proplet_id: Id,
  namespace: Type.Optional(Type.String()),
  metadata: Type.Optional(PropletMetadata),
  features: Type.Optional(Type.Array(Type.String())),
  capacity: Type.Optional(Capacity),
  /** Changes with each start of the proplet's process: what an earlier one ran is gone. [E] */
  boot_id: Type.Optional(Id),
});
export type Discovery = Static<typeof Discovery>;
