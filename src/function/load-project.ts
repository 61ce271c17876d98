/** Loads a function project from its folder. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { PropError, systemCode } from "../errors.ts";
import type { Project } from "./project.ts";
import { parsePropToml } from "./prop-toml.ts";

/**
 * Loads the project in `dir`.
 * @throws PropError `PROJECT_NOT_FOUND`, `PROP_TOML_INVALID`
 */
export async function loadProject(dir: string): Promise<Project> {
  const root = resolve(dir);
  const file = join(root, "prop.toml");
  const toml = parsePropToml(await read(file, root), relative(process.cwd(), file));
  return { ...toml, dir: root, outputPath: join(root, "build", `${toml.name}.wasm`) };
}

async function read(file: string, dir: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT" && systemCode(error) !== "ENOTDIR") throw error;
    throw new PropError({
      code: "PROJECT_NOT_FOUND",
      message: existsSync(dir) ? `there is no prop.toml in ${dir}` : `there is no folder ${dir}`,
      hint: "Start a project with: prop init hello",
      cause: error,
    });
  }
}
