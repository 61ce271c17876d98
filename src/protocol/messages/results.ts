/** A proplet reports how a task ended. A non-empty `error` means that it failed. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Attempt, Id } from "./fields.ts";

export const Results = message({
  task_id: Id,
  proplet_id: Type.Optional(Type.String()),
  /** A string from Rust and Zephyr proplets, any JSON from a federated-learning task. */
  results: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.String()),
  attempt: Type.Optional(Attempt),
  /** It did not end: its proplet goes, and the task may run elsewhere at once. [E] */
  handed_back: Type.Optional(Type.Boolean()),
});
export type Results = Static<typeof Results>;
