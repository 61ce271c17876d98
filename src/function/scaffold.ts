/** Starts a project: copies a template to a folder. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { PropError, systemCode } from "../errors.ts";

export interface ScaffoldOptions {
  dir: string;
  name: string;
  /** A name in the table of toolchains. */
  template: string;
}

/**
 * Writes a project of a template. Nothing is written where a file would be lost.
 * @returns the files' paths, relative to `dir`, sorted
 * @throws PropError `FILE_EXISTS`
 */
export async function scaffoldProject({ dir, name, template }: ScaffoldOptions): Promise<string[]> {
  const from = join(packageRoot(), "templates", template);
  const files = await readTemplate(from);
  for (const { path } of files) await refuseToOverwrite(dir, path);
  for (const { path, text } of files) {
    const target = join(dir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text.replaceAll("{{name}}", name), { flag: "wx" });
  }
  return files.map(({ path }) => path).sort();
}

interface TemplateFile {
  path: string;
  text: string;
}

/** npm leaves a .gitignore out of the package it packs: templates hold it as `gitignore`. */
async function readTemplate(from: string): Promise<TemplateFile[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => ({
        path: join(relative(from, parentPath), name === "gitignore" ? ".gitignore" : name),
        text: await readFile(join(parentPath, name), "utf8"),
      })),
  );
}

async function refuseToOverwrite(dir: string, path: string): Promise<void> {
  const target = join(dir, path);
  try {
    await stat(target);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    if (systemCode(error) !== "ENOTDIR") throw error;
  }
  throw new PropError({
    code: "FILE_EXISTS",
    message: `${relative(process.cwd(), target)} is there already and would be lost`,
    hint: `Choose another folder: prop init ${basename(resolve(dir))}-2`,
  });
}

/** The folder of prop's own package.json, from the sources as from dist/. */
function packageRoot(from = import.meta.dirname): string {
  return existsSync(join(from, "package.json")) ? from : packageRoot(dirname(from));
}
