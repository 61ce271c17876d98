/** Shows a function's signature to people. */
import type { FunctionSignature } from "../engine/engine.ts";

/** `add(i32, i32) -> i32`; several results in brackets, none without an arrow. */
export function formatSignature({ name, parameters, results }: FunctionSignature): string {
  const call = `${name}(${parameters.join(", ")})`;
  if (results.length === 0) return call;
  return `${call} -> ${results.length === 1 ? results[0] : `(${results.join(", ")})`}`;
}
