/** A proplet reports how one invocation of a latent task ended. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id } from "./fields.ts";

/** Legacy and ours alike: the proplet doesn't hold the module; start the task there, then invoke again. */
export const NOT_PRECOMPILED = "has not been precompiled";

export const InvokeResults = message({
  task_id: Id,
  invocation_id: Id,
  proplet_id: Type.Optional(Type.String()),
  results: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.String()),
});
export type InvokeResults = Static<typeof InvokeResults>;
