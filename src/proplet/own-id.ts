/** The id of a proplet that was given none: made once, and kept in its folder. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, PropError, systemCode } from "../errors.ts";

/**
 * Reads the id that is kept in `dir`, or makes one.
 * @throws PropError `DATA_DIR_UNUSABLE`
 */
export async function ownId(dir: string): Promise<string> {
  const path = join(dir, "id");
  try {
    await mkdir(dir, { recursive: true });
    // Fails where the file is there: of two that start at once, one makes the id and both read it.
    await writeFile(path, `${randomUUID()}\n`, { flag: "wx", flush: true }).catch(unlessThere);
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new PropError({
      code: "DATA_DIR_UNUSABLE",
      message: `cannot keep this proplet's id in ${path}: ${messageOf(cause)}`,
      hint: "give another folder with --data, or an id with --id",
      cause,
    });
  }
}

function unlessThere(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
