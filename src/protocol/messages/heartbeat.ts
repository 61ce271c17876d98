/** A proplet lives; as a last will with `status: "offline"`, it is gone now. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id } from "./fields.ts";

export const Heartbeat = message({
  proplet_id: Id,
  status: Type.String(),
  namespace: Type.Optional(Type.String()),
  boot_id: Type.Optional(Id),
});
export type Heartbeat = Static<typeof Heartbeat>;
