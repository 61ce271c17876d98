/** A job or a workflow as a JSON file: what the API takes, with modules named by their paths. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { JobInput } from "../api/client.ts";
import { messageOf, PropError, systemCode } from "../errors.ts";
import { readModuleFile } from "../function/deploy.ts";

/**
 * Reads `{name, execution_mode, tasks}`. A task may have `module`, a path from the file's own folder, in the place of `file`.
 * @throws PropError `FILE_NOT_FOUND`, `FILE_INVALID`, `MODULE_INVALID`
 */
export async function readGroupFile(path: string): Promise<JobInput> {
  const given = parse(path, await readText(path));
  if (!isObject(given) || !Array.isArray(given.tasks)) {
    throw invalid(path, 'it has no list "tasks"');
  }
  const modules = new Map<string, Promise<string>>();
  const folder = dirname(path);
  const tasks = given.tasks.map(async (task: unknown, index) => {
    if (!isObject(task)) throw invalid(path, `task ${index + 1} is no object`);
    const { module, ...rest } = task;
    if (module === undefined) return rest;
    if (typeof module !== "string") throw invalid(path, `task ${index + 1}: "module" is no path`);
    const file = modules.get(module) ?? readModuleFile(resolve(folder, module)).then(base64);
    modules.set(module, file);
    return { ...rest, file: await file };
  });
  // The manager checks the fields, and names the one that is wrong.
  return { ...given, tasks: await Promise.all(tasks) } as JobInput;
}

const base64 = (bytes: Buffer) => bytes.toString("base64");

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new PropError({ code: "FILE_NOT_FOUND", message: `there is no file ${path}`, cause });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(path, messageOf(cause));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function invalid(path: string, why: string): PropError {
  return new PropError({
    code: "FILE_INVALID",
    message: `${path}: ${why}`,
    hint: 'It looks like {"name": "…", "tasks": [{"name": "add", "module": "build/add.wasm", "inputs": ["1", "2"]}]}',
    exitCode: 2,
  });
}
