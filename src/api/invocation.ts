/** The body of every invocation; it may be missing. */
import Type, { type Static } from "typebox";
import type { InvokeRequest } from "../manager/manager.ts";
import { Environment, Inputs } from "../protocol/messages/fields.ts";

const fields = Type.Object({
  inputs: Type.Optional(Inputs),
  env: Type.Optional(Environment),
  stdin: Type.Optional(Type.String({ description: "bytes for the module's stdin, in standard base64" })),
});

export const InvokeBody = Type.Object(fields.properties, { "x-optional-body": true });
export type InvokeBody = Static<typeof InvokeBody>;

export function invocationOf({ inputs, env, stdin }: InvokeBody): InvokeRequest {
  return {
    ...(inputs === undefined ? {} : { inputs }),
    ...(env === undefined ? {} : { env }),
    ...(stdin === undefined ? {} : { stdin }),
  };
}
