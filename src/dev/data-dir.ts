/** The folder in which a `prop dev` keeps its state: `.prop/`. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { dataDirName } from "../config/dev-record.ts";

export interface DataDir {
  /** Absolute. */
  path: string;
  storePath: string;
  keysPath: string;
  propletPath(id: string): string;
  /** Removes it, where it is an ephemeral one. */
  release(): Promise<void>;
}

/** The path of the data folder for what `--data` says, before it is made. */
export function dataDirPath(asked: string | undefined, cwd: string): string {
  return resolve(cwd, asked ?? dataDirName);
}

/** Opens the data folder, which only its owner may read; an ephemeral one lies in the system's temporary folder. */
export async function openDataDir(path: string | "ephemeral"): Promise<DataDir> {
  const isEphemeral = path === "ephemeral";
  const dir = isEphemeral ? await mkdtemp(join(tmpdir(), "prop-dev-")) : path;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(join(dir, ".gitignore"), "*\n");
  return {
    path: dir,
    storePath: join(dir, "prop.db"),
    keysPath: join(dir, "keys.json"),
    propletPath: (id) => join(dir, "proplets", id),
    async release() {
      if (isEphemeral) await rm(dir, { recursive: true, force: true });
    },
  };
}
