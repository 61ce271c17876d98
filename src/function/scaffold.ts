/** Starts a project: copies a template to a folder. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { PropError, systemCode } from "../errors.ts";
import { exampleRuns, type FunctionKind, functionKinds, isFunctionKind, kindTitles } from "./kind.ts";

export interface ScaffoldOptions {
  dir: string;
  name: string;
  /** A name in the table of toolchains. */
  template: string;
  kind: FunctionKind;
}

/**
 * Writes a project of a template. Nothing is written where a file would be lost.
 * @returns the files' paths, relative to `dir`, sorted
 * @throws PropError `FILE_EXISTS`
 */
export async function scaffoldProject({ dir, name, template, kind }: ScaffoldOptions): Promise<string[]> {
  const files = await readKind(join(templatesFolder(), template), kind);
  for (const { path } of files) await refuseToOverwrite(dir, path);
  for (const { path, text } of files) {
    const target = join(dir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, fillIn(text, name, kind), { flag: "wx" });
  }
  return files.map(({ path }) => path).sort();
}

/** The kinds that a template has; a language that makes no programs has only functions. */
export function templateKinds(template: string): FunctionKind[] {
  return functionKinds.filter((kind) => existsSync(join(templatesFolder(), template, kind)));
}

function fillIn(text: string, name: string, kind: FunctionKind): string {
  return text
    .replaceAll("{{name}}", name)
    .replaceAll("{{kind}}", kindTitles[kind])
    .replaceAll("{{run}}", `${exampleRuns[kind]}    # runs it once, here`);
}

/** What the kinds of a language share, and over it what this one has. */
async function readKind(from: string, kind: FunctionKind): Promise<TemplateFile[]> {
  const shared = await readTemplate(from);
  const own = await readTemplate(join(from, kind));
  const files = [...shared.filter(({ path }) => !isFunctionKind(path.split(sep)[0] ?? "")), ...own];
  return [...new Map(files.map((file) => [file.path, file])).values()];
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

function templatesFolder(): string {
  return join(packageRoot(), "templates");
}

/** The folder of prop's own package.json, from the sources as from dist/. */
function packageRoot(from = import.meta.dirname): string {
  return existsSync(join(from, "package.json")) ? from : packageRoot(dirname(from));
}
