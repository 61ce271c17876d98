/** The import object of WASI preview 1 for one context. */
import { argsFunctions } from "./args.ts";
import { clockFunctions } from "./clocks.ts";
import type { WasiContext, WasiFunction, WasiFunctions } from "./context.ts";
import { WasiError } from "./errno.ts";
import { fileFunctions } from "./files.ts";
import { pollFunctions } from "./poll.ts";
import { processFunctions } from "./process.ts";
import { randomFunctions } from "./random.ts";
import { isProvided, preview1, unstable } from "./signatures.ts";
import { stdioFunctions } from "./stdio.ts";

function answeringErrno(call: WasiFunction): WasiFunction {
  return (...values) => {
    try {
      return call(...values);
    } catch (error) {
      if (error instanceof WasiError) return error.errno;
      throw error;
    }
  };
}

/** Builds the imports once for a context that many runs, one after another, then fill. */
export function wasiImports(context: WasiContext): Record<string, WasiFunctions> {
  const raw: WasiFunctions = {
    ...argsFunctions(context),
    ...clockFunctions(context),
    ...stdioFunctions(context),
    ...fileFunctions(context),
    ...pollFunctions(context),
    ...processFunctions(),
    ...randomFunctions(context),
  };
  const functions = Object.fromEntries(
    Object.entries(raw).map(([name, call]) => [name, answeringErrno(call)]),
  );
  const alike = Object.entries(functions).filter(([name]) => isProvided(unstable, name));
  return { [preview1]: functions, [unstable]: Object.fromEntries(alike) };
}
