/** A module's file, read with an error that names it. */
import { readFile } from "node:fs/promises";
import { PropError, systemCode } from "../errors.ts";

const unreadable = new Map([
  ["ENOENT", "is not there"],
  ["ENOTDIR", "is not there"],
  ["EISDIR", "is a folder, not a module"],
  ["EACCES", "may not be read"],
]);

/** @throws PropError `FILE_NOT_FOUND` */
export async function readModuleBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const message = unreadable.get(systemCode(cause) ?? "");
    if (message === undefined) throw cause;
    throw new PropError({ code: "FILE_NOT_FOUND", message: `${path} ${message}`, cause });
  }
}
