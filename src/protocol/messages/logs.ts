/** What a task wrote to stdout or stderr. [E] */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id } from "./fields.ts";

export const Logs = message({
  task_id: Id,
  attempt: Type.Optional(Attempt),
  stream: Type.Union([Type.Literal("stdout"), Type.Literal("stderr")]),
  /** Counted from 0 for each task, attempt and stream. */
  seq: Type.Integer({ minimum: 0 }),
  data: Type.String(),
});
export type Logs = Static<typeof Logs>;
