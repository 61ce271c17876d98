/** Remembers of which sources a module was built, so that unchanged ones aren't built again. */
import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../errors.ts";
import type { Project } from "./project.ts";

/** The module of an earlier build, where it was built of `input` and is still as that build wrote it. */
export async function readBuilt(project: Project, input: string): Promise<Uint8Array | undefined> {
  const record = await readIfThere(recordPath(project));
  const bytes = await readIfThere(project.outputPath);
  if (record === undefined || bytes === undefined) return undefined;
  return record.toString() === describe(project, input, bytes) ? bytes : undefined;
}

/** Notes that the module `bytes` was built of `input`. */
export async function recordBuilt(project: Project, input: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${recordPath(project)}.${randomUUID()}`;
  await writeFile(temporary, describe(project, input, bytes));
  await rename(temporary, recordPath(project));
}

function recordPath({ outputPath }: Project): string {
  return join(dirname(outputPath), ".prop-build.json");
}

function describe({ name }: Project, input: string, bytes: Uint8Array): string {
  const output = createHash("sha256").update(bytes).digest("hex");
  return `${JSON.stringify({ name, input, output }, null, 2)}\n`;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
