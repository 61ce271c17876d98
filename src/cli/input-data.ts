/** Bytes that a flag names: `@file`, or `-` for stdin. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { messageOf, PropError, systemCode } from "../errors.ts";

/**
 * Reads what `value` names.
 * @param flag how errors name where it comes from: `--data`
 * @throws PropError `USAGE` where it is neither `@file` nor `-`, `FILE_NOT_READABLE`
 */
export async function readInput(value: string, flag: string): Promise<Buffer> {
  if (value === "-") return await buffer(process.stdin);
  if (value.length > 1 && value.startsWith("@")) return await read(value.slice(1), flag);
  throw new PropError({
    code: "USAGE",
    message: `${flag} "${value}" is neither @file nor -`,
    hint: `Write it like: ${flag} @input.txt, or ${flag} - for stdin`,
    exitCode: 2,
  });
}

async function read(path: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
    throw new PropError({
      code: "FILE_NOT_READABLE",
      message: `${flag}: cannot read ${path}: ${messageOf(cause)}`,
      cause,
    });
  }
}
