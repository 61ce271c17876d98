/** Public keys from files. */
import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf, PropError } from "../../errors.ts";
import { readPublicKey } from "./key-files.ts";

/** @throws PropError `KEY_INVALID` that names the file */
export function loadPublicKeys(files: readonly string[]): Promise<KeyObject[]> {
  return Promise.all(files.map(async (file) => readPublicKey(await readKeyFile(file), file)));
}

/** The text of a key file. @throws PropError `KEY_INVALID` */
export async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new PropError({
      code: "KEY_INVALID",
      message: `the key ${file} can't be read: ${messageOf(cause)}`,
      hint: "Make a pair with: prop keygen",
      exitCode: 2,
      cause,
    });
  }
}
