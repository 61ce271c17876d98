/** The manager tells a proplet to stop a task. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id } from "./fields.ts";

export const Stop = message({
  id: Id,
  broadcast: Type.Optional(Type.Boolean()),
  proplet_id: Type.Optional(Type.String()),
  attempt: Type.Optional(Attempt),
});
export type Stop = Static<typeof Stop>;
