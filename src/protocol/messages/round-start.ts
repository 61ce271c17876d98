/** A coordinator tells the manager to start a round of federated learning: one task at each participant. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Id } from "./fields.ts";

export const RoundStart = message({
  round_id: Id,
  /** Where the participants find the model they begin with. */
  model_uri: Type.String({ minLength: 1 }),
  task_wasm_image: Type.String({ minLength: 1 }),
  /** Ids of proplets. */
  participants: Type.Array(Id, { minItems: 1 }),
  hyperparams: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type RoundStart = Static<typeof RoundStart>;
