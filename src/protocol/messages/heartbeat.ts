/** A proplet lives; as a last will with `status: "offline"`, it is gone now. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id, PropletId } from "./fields.ts";

export const Heartbeat = message({
  proplet_id: PropletId,
  status: Type.String(),
  namespace: Type.Optional(Type.String()),
  boot_id: Type.Optional(Id),
  /** It ends soon: it takes nothing new, and finishes or gives back what it holds. [E] */
  draining: Type.Optional(Type.Boolean()),
});
export type Heartbeat = Static<typeof Heartbeat>;
