/** Finds a compiler that is an npm package, as Node would find it from the project's folder. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PropError, systemCode } from "../errors.ts";
import type { Project } from "./project.ts";

export interface NpmPackage {
  dir: string;
  version: string;
}

/**
 * Finds the installed package `name`.
 * @throws PropError `COMPILER_MISSING`
 */
export async function findNpmPackage({ dir, toolchain }: Project, name: string): Promise<NpmPackage> {
  try {
    const manifestPath = createRequire(join(dir, "package.json")).resolve(`${name}/package.json`);
    const manifest: { version: string } = JSON.parse(await readFile(manifestPath, "utf8"));
    return { dir: dirname(manifestPath), version: manifest.version };
  } catch (error) {
    if (systemCode(error) !== "MODULE_NOT_FOUND") throw error;
    throw new PropError({
      code: "COMPILER_MISSING",
      message: `the ${toolchain} compiler is not installed: ${dir} has no npm package "${name}"`,
      hint: `Get it with: cd ${dir} && npm install --save-dev ${name}`,
      cause: error,
    });
  }
}
