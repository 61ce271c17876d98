/** `kind: Function`: a module that is kept ready to be invoked by name. */
import type { Static } from "typebox";
import { closed, kindOf, text } from "./fields.ts";
import { runFields } from "./run-fields.ts";

export const FunctionSpec = closed(
  { export: text("The exported function that an invocation calls."), ...runFields },
  "What it runs, and where.",
);
export type FunctionSpec = Static<typeof FunctionSpec>;

export const FunctionManifest = kindOf(
  "Function",
  FunctionSpec,
  "A module that is kept ready to be invoked.",
);
export type FunctionManifest = Static<typeof FunctionManifest>;
