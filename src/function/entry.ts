/** Which of a module's functions a run calls. */
import type { FunctionSignature, ModuleInfo } from "../engine/engine.ts";
import { PropError } from "../errors.ts";
import { formatSignature } from "./signature.ts";

/**
 * The function to call: the one that was asked for, else a program's `_start`, `main` or `run`, else the only one.
 * @param asked by `--invoke` or by the project's `export`
 * @param module how errors name the module
 * @throws PropError `FUNCTION_NOT_FOUND`, `FUNCTION_AMBIGUOUS`
 */
export function chooseEntry(info: ModuleInfo, asked: string | undefined, module: string): string {
  if (asked !== undefined) {
    checkExported(info, asked, module);
    return asked;
  }
  if (info.kind === "component") return "run";
  const functions = callable(info);
  const usual = ["_start", "main", "run"].find((name) => functions.some((found) => found.name === name));
  const [first, ...others] = functions;
  if (usual !== undefined) return usual;
  if (first !== undefined && others.length === 0) return first.name;
  throw new PropError({
    code: first === undefined ? "FUNCTION_NOT_FOUND" : "FUNCTION_AMBIGUOUS",
    message: `${module} exports ${first === undefined ? "no function" : "several functions"}`,
    hint: first === undefined ? "Export the one to call." : `Choose one with --invoke: ${list(functions)}`,
  });
}

/**
 * Makes sure that a core module exports the function `name`. A component's exports are its own matter.
 * @throws PropError `FUNCTION_NOT_FOUND`
 */
export function checkExported(info: ModuleInfo, name: string, module: string): void {
  if (info.kind === "component" || info.functions.some((found) => found.name === name)) return;
  const functions = callable(info);
  throw new PropError({
    code: "FUNCTION_NOT_FOUND",
    message: `${module} exports no function "${name}"`,
    hint: functions.length === 0 ? "It exports none." : `It exports: ${list(functions)}`,
  });
}

/** Without what compilers export for themselves: `_initialize`, `__new`, `__wasm_call_ctors`. */
function callable({ functions }: ModuleInfo): FunctionSignature[] {
  return functions.filter(({ name }) => name !== "_initialize" && !name.startsWith("__"));
}

function list(functions: FunctionSignature[]): string {
  return functions.map(formatSignature).join(", ");
}
