/** Finds the function that a run calls. */
import { PropError } from "../errors.ts";
import type { FunctionSignature } from "./engine.ts";

const fallbacks = ["main", "run", "_start"];

function quoted(names: string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

/**
 * Rust and C export their inner `main(argc, argv)` beside the `_start` that sets up the runtime for it: whoever asks
 * for `main` there means the program.
 */
function isInnerMain({ name, parameters }: FunctionSignature, functions: FunctionSignature[]): boolean {
  return (
    name === "main" && parameters.join() === "i32,i32" && functions.some((other) => other.name === "_start")
  );
}

/**
 * Finds the exported function `entry`, else `main`, `run`, `_start`, unless it must be `exact`.
 * The `main(argc, argv)` of a program with a `_start` is passed over, unless it is meant `exact`ly
 * (wire contract, section 3).
 * @throws PropError `FUNCTION_NOT_FOUND`
 */
export function resolveEntry(
  functions: FunctionSignature[],
  entry: string,
  exact: boolean,
): FunctionSignature {
  const names = exact ? [entry] : [entry, ...fallbacks];
  for (const name of names) {
    const found = functions.find((candidate) => candidate.name === name);
    if (found !== undefined && (exact || !isInnerMain(found, functions))) return found;
  }
  const tried = exact ? "" : `, and fallbacks ${quoted(fallbacks)} also not found`;
  const available = quoted(functions.map((candidate) => candidate.name));
  throw new PropError({
    code: "FUNCTION_NOT_FOUND",
    message: `Function '${entry}' not found${tried} in module exports. Available function exports: ${available}`,
    exitCode: 2,
  });
}
