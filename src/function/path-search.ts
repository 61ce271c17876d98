/** Finds programs as a shell does. */
import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** The program's absolute path, or `file` itself where no folder of the PATH has it. */
export async function whereIs(file: string): Promise<string> {
  if (isAbsolute(file)) return file;
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(dir, file);
    if (await mayRun(path)) return path;
  }
  return file;
}

async function mayRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
