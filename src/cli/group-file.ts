/** A job or a workflow as a JSON file: what the API takes, with modules named by their paths. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import Type, { type Static } from "typebox";
import type { JobInput } from "../api/client.ts";
import { messageOf, PropError, systemCode } from "../errors.ts";
import { readModuleFile } from "../function/deploy.ts";
import { checkSchema } from "../model/manifest/check-schema.ts";
import { TaskInput } from "../model/task.ts";
import { problemText } from "./problem-text.ts";

const task = Type.Object({
  ...TaskInput.properties,
  id: Type.Optional(Type.String()),
  module: Type.Optional(Type.String()),
});
const head = { name: Type.Optional(Type.String()), tasks: Type.Array(task, { minItems: 1 }) };
const schemas = {
  job: Type.Object({ ...head, execution_mode: Type.Optional(Type.String()) }),
  workflow: Type.Object(head),
};

/**
 * Reads `{name, execution_mode, tasks}`. A task may have `module`, a path from the file's own folder, in the place of `file`.
 * The API ignores what it doesn't know; in a file that is a mistake.
 * @throws PropError `FILE_NOT_FOUND`, `FILE_INVALID`, `MODULE_INVALID`
 */
export async function readGroupFile(path: string, kind: keyof typeof schemas): Promise<JobInput> {
  const given = parse(path, await readText(path));
  const problems = checkSchema(schemas[kind], given);
  if (problems.length > 0) throw invalid(problems.map((problem) => `${path}: ${problemText(problem)}`));
  const { tasks, ...rest } = given as GroupFile;
  const modules = new Map<string, Promise<string>>();
  const withFiles = tasks.map(async ({ module, ...fields }) => {
    if (module === undefined) return fields;
    const file = modules.get(module) ?? readModuleFile(resolve(dirname(path), module)).then(base64);
    modules.set(module, file);
    return { ...fields, file: await file };
  });
  return { ...rest, tasks: await Promise.all(withFiles) };
}

type GroupFile = Static<(typeof schemas)["job"]>;

const base64 = (bytes: Buffer) => bytes.toString("base64");

const unreadable = new Map([
  ["ENOENT", "is not there"],
  ["EISDIR", "is a folder, not a file"],
]);

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    const what = unreadable.get(code) ?? `can't be read: ${messageOf(cause)}`;
    throw new PropError({ code: "FILE_NOT_FOUND", message: `${path} ${what}`, cause });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid([`${path}: ${messageOf(cause)}`]);
  }
}

function invalid(lines: string[]): PropError {
  return new PropError({
    code: "FILE_INVALID",
    message: lines.join("\n"),
    hint: 'It looks like {"name": "…", "tasks": [{"name": "add", "module": "build/add.wasm", "inputs": ["1", "2"]}]}',
    exitCode: 2,
  });
}
