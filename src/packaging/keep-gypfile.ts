/**
 * Keeps `gypfile: false` of better-sqlite3 in package-lock.json, which npm drops whenever it writes that file
 * (https://github.com/npm/cli/issues/9837). Without it an install from the lockfile runs node-gyp, which wants Python
 * and make for a package that ships its binaries.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

const lockfile = resolve(import.meta.dirname, "../../package-lock.json");
const name = "node_modules/better-sqlite3";

const text = await readFile(lockfile, "utf8").catch(() => undefined);
if (text !== undefined) {
  const lock = JSON.parse(text);
  const entry = lock.packages[name];
  if (entry !== undefined && entry.gypfile === undefined) {
    entry.gypfile = false;
    await writeFile(lockfile, `${JSON.stringify(lock, null, 2)}\n`);
  }
}
