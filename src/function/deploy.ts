/** What is handed to a manager when a function is deployed: a latent task with its module. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { FunctionSignature, ModuleInfo, RunLimits } from "../engine/engine.ts";
import { parseModule } from "../engine/module-info.ts";
import { PropError } from "../errors.ts";
import type { TaskInput } from "../model/task.ts";
import type { BuildResult } from "./build.ts";
import { chooseEntry } from "./entry.ts";
import { checkFunctionName, suggestFunctionName } from "./function-name.ts";
import { readModuleBytes } from "./module-file.ts";
import type { Project } from "./project.ts";

export interface Deployment {
  name: string;
  sizeBytes: number;
  input: TaskInput;
  /** Inputs that fit the function's parameters, to show how it is invoked. */
  sampleInputs: string[];
}

export interface DeployChoices {
  /** In place of the project's or the file's name. */
  name?: string;
  /** The exported function that an invocation calls. */
  invoke?: string;
  /** Go before the project's own. */
  env?: Record<string, string>;
}

/**
 * The deployment of a project that was built.
 * @throws PropError `FUNCTION_NAME_INVALID`, and those of `chooseEntry`
 */
export async function deploymentOfProject(
  project: Project,
  { path }: BuildResult,
  choices: DeployChoices = {},
): Promise<Deployment> {
  const bytes = await readFile(path);
  const invoke = choices.invoke ?? project.export;
  return describe({
    bytes,
    module: `build/${project.name}.wasm`,
    name: checkFunctionName(choices.name ?? project.name),
    invoke,
    env: { ...project.env, ...choices.env },
    limits: project.limits,
  });
}

/**
 * The deployment of a module file.
 * @throws PropError `FILE_NOT_FOUND`, `MODULE_INVALID`, `FUNCTION_NAME_INVALID`, and those of `chooseEntry`
 */
export async function deploymentOfFile(path: string, choices: DeployChoices = {}): Promise<Deployment> {
  const bytes = await readModuleFile(path);
  const fileName = basename(path, ".wasm");
  return describe({
    bytes,
    module: path,
    name: checkFunctionName(choices.name ?? suggestFunctionName(fileName) ?? fileName),
    invoke: choices.invoke,
    env: choices.env ?? {},
    limits: {},
  });
}

/**
 * Reads a module from a file, and makes sure that it is one.
 * @throws PropError `FILE_NOT_FOUND`, `MODULE_INVALID`
 */
export async function readModuleFile(path: string): Promise<Buffer> {
  const bytes = await readModuleBytes(path);
  try {
    parseModule(bytes);
  } catch (cause) {
    if (!(cause instanceof PropError)) throw cause;
    throw new PropError({ code: cause.code, message: `${path}: ${cause.message}`, cause });
  }
  return bytes;
}

interface Described {
  bytes: Buffer;
  /** How errors name it. */
  module: string;
  name: string;
  invoke: string | undefined;
  env: Record<string, string>;
  limits: RunLimits;
}

function describe({ bytes, module, name, invoke, env, limits }: Described): Deployment {
  const { info } = parseModule(bytes);
  const entry = chooseEntry(info, invoke, module);
  const { wallTimeMs, memoryBytes } = limits;
  return {
    name,
    sizeBytes: bytes.length,
    input: {
      name,
      file: bytes.toString("base64"),
      ...(info.kind === "core" || invoke !== undefined ? { cli_args: ["--invoke", entry] } : {}),
      env,
      limits: {
        ...(wallTimeMs === undefined ? {} : { wall_time_ms: wallTimeMs }),
        ...(memoryBytes === undefined ? {} : { memory_bytes: memoryBytes }),
      },
      latent: true,
    },
    sampleInputs: sampleInputs(info, entry),
  };
}

function sampleInputs({ functions }: ModuleInfo, entry: string): string[] {
  const signature: FunctionSignature | undefined = functions.find(({ name }) => name === entry);
  return (signature?.parameters ?? []).map(
    (type, index) => `${index + 2}${type.startsWith("f") ? ".5" : ""}`,
  );
}
