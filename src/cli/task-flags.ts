/** The flags that describe a task: what it runs, and with what. */
import { Flags } from "@oclif/core";
import { parseAssignments } from "../function/assignments.ts";
import { readModuleFile } from "../function/deploy.ts";
import type { TaskInput } from "../model/task.ts";
import { limitFlags, limitsOf } from "./limit-flags.ts";

export const taskFlags = {
  file: Flags.string({ char: "f", description: "The module: a .wasm file.", exclusive: ["image"] }),
  image: Flags.string({ description: "The module: an OCI reference or an http(s) URL." }),
  invoke: Flags.string({ description: "Exported function to call." }),
  env: Flags.string({
    description: "Environment variable for the module, NAME=value.",
    multiple: true,
    multipleNonGreedy: true,
  }),
  ...limitFlags,
  proplet: Flags.string({ description: "Id of the only proplet that may run it." }),
  priority: Flags.integer({ description: "0 to 100; more goes first (default: 50).", min: 0, max: 100 }),
  daemon: Flags.boolean({ description: "It runs until it is stopped." }),
  start: Flags.boolean({ description: "Start it at once." }),
};

export interface TaskFlags {
  file?: string | undefined;
  image?: string | undefined;
  invoke?: string | undefined;
  env?: string[] | undefined;
  timeout?: string | undefined;
  memory?: string | undefined;
  proplet?: string | undefined;
  priority?: number | undefined;
  daemon: boolean;
}

/** What the flags say of a task. @throws PropError where a file can't be read, or a flag is none of what it says */
export async function taskOf(flags: TaskFlags): Promise<TaskInput> {
  const { env } = flags;
  const { wallTimeMs, memoryBytes } = limitsOf(flags);
  return {
    ...(flags.file === undefined ? {} : { file: (await readModuleFile(flags.file)).toString("base64") }),
    ...(flags.image === undefined ? {} : { image_url: flags.image }),
    ...(flags.invoke === undefined ? {} : { cli_args: ["--invoke", flags.invoke] }),
    ...(env === undefined ? {} : { env: parseAssignments(env, "--env") }),
    ...(flags.proplet === undefined ? {} : { proplet_id: flags.proplet }),
    ...(flags.priority === undefined ? {} : { priority: flags.priority }),
    ...(flags.daemon ? { daemon: true } : {}),
    limits: {
      ...(wallTimeMs === undefined ? {} : { wall_time_ms: wallTimeMs }),
      ...(memoryBytes === undefined ? {} : { memory_bytes: memoryBytes }),
    },
  };
}
