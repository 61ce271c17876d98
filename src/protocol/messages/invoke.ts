/** The manager has a latent task run once. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Environment, Id, Inputs } from "./fields.ts";

export const Invoke = message({
  id: Id,
  invocation_id: Id,
  broadcast: Type.Optional(Type.Boolean()),
  proplet_id: Type.Optional(Type.String()),
  inputs: Type.Optional(Inputs),
  env: Type.Optional(Environment),
  /** Bytes for the module's stdin, in standard base64. [E] */
  stdin: Type.Optional(Type.String()),
});
export type Invoke = Static<typeof Invoke>;
