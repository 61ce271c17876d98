/** Refuses a module whose imports the engine does not provide, before it is compiled. */
import { PropError } from "../errors.ts";
import type { ParsedModule } from "./module-info.ts";
import { hasWasiSignature, isProvided, preview1 } from "./wasi/signatures.ts";

function hintFor(module: string, name: string): string {
  if (module === "env" && name === "abort") {
    return "AssemblyScript asks for it: compile with --use abort= or with the WASI shim.";
  }
  if (module === "wasi_unstable") return `Build against ${preview1}, which came after it.`;
  return `Provided are the functions of WASI preview 1, module ${preview1}.`;
}

function importError(message: string, hint: string): PropError {
  return new PropError({ code: "MODULE_IMPORT_MISSING", message, hint });
}

/** @throws PropError `MODULE_IMPORT_MISSING` */
export function checkImports({ info, functionImports }: ParsedModule): void {
  for (const { module, name, kind } of info.imports) {
    if (kind === "function" && isProvided(module, name)) continue;
    throw importError(`unknown import: \`${module}::${name}\` has not been defined`, hintFor(module, name));
  }
  for (const wanted of functionImports) {
    if (hasWasiSignature(wanted)) continue;
    const type = `(${wanted.parameters.join(", ")}) -> (${wanted.results.join(", ")})`;
    throw importError(
      `incompatible import type for \`${wanted.module}::${wanted.name}\`: the module expects ${type}`,
      "Build it for 32-bit WASI preview 1 (wasm32-wasip1).",
    );
  }
}
