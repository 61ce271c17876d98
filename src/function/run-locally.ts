/** Runs a function once in this process's engine, with this process's stdin, stdout and stderr. */
import { basename, relative } from "node:path";
import type { Engine, PreparedModule, RunLimits } from "../engine/engine.ts";
import { PropError } from "../errors.ts";
import { buildProject } from "./build.ts";
import { chooseEntry } from "./entry.ts";
import { loadProject } from "./load-project.ts";
import { readModuleBytes } from "./module-file.ts";
import type { RunTarget } from "./run-target.ts";

export interface LocalRunOptions {
  env: Record<string, string>;
  /** Go before the project's own. */
  limits: RunLimits;
  /** The function to call, instead of the project's `export`. */
  invoke?: string;
  signal: AbortSignal;
  /** What the compiler writes. */
  onOutput: (chunk: Uint8Array) => void;
  /** Goes to the module instead of this process's stdin. */
  stdin?: Uint8Array;
  /** What the module writes to stdout is returned, not shown. */
  collect?: boolean;
}

export interface LocalRun {
  /** The module's. */
  exitCode: number;
  /** What the function returned; "" for a program, whose stdout is out already where it isn't collected. */
  printed: string;
  /** Empty where it isn't collected. */
  stdout: Uint8Array;
}

/**
 * Runs a project, which is built first, or a module file.
 * @throws PropError what stopped the run, or why there was none: `FILE_NOT_FOUND` and all of the engine, of
 *   `loadProject`, `buildProject` and `chooseEntry`
 */
export async function runLocally(
  engine: Engine,
  target: RunTarget,
  { env, limits, invoke, signal, onOutput, stdin, collect = false }: LocalRunOptions,
): Promise<LocalRun> {
  const source = target.kind === "file" ? file(target.path) : await build(target.dir, { signal, onOutput });
  const module = await prepare(engine, source.path);
  const asked = invoke ?? source.export;
  const entry = chooseEntry(module.info, asked, source.path);
  const outcome = await engine.run(module, {
    entry,
    exact: asked !== undefined,
    inputs: target.inputs,
    programName: basename(source.path),
    env: { ...source.env, ...env },
    stdin: stdin ?? "inherit",
    output: collect ? "collect" : "inherit",
    limits: { ...source.limits, ...limits },
    signal,
  });
  process.stderr.write(outcome.stderr);
  if (outcome.failure !== undefined) throw retold(outcome.failure);
  return { exitCode: outcome.exitCode, printed: outcome.result, stdout: outcome.stdout };
}

interface ModuleSource {
  path: string;
  export?: string;
  env: Record<string, string>;
  limits: RunLimits;
}

function file(path: string): ModuleSource {
  return { path, env: {}, limits: {} };
}

async function build(
  dir: string,
  options: Pick<LocalRunOptions, "signal" | "onOutput">,
): Promise<ModuleSource> {
  const project = await loadProject(dir);
  const { path } = await buildProject(project, options);
  return { ...project, path: relative(process.cwd(), path) };
}

async function prepare(engine: Engine, path: string): Promise<PreparedModule> {
  const bytes = await readModuleBytes(path);
  try {
    return await engine.prepare(bytes);
  } catch (cause) {
    throw cause instanceof PropError ? retold(cause, `${path}: ${cause.message}`) : cause;
  }
}

/** The engine's error as this command's: inputs that don't fit are bad usage there, here the run failed of them. */
function retold({ code, message, hint, cause }: PropError, retoldMessage = message): PropError {
  return new PropError({
    code,
    message: retoldMessage,
    ...(hint === undefined ? {} : { hint }),
    exitCode: 1,
    cause,
  });
}
