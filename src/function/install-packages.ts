/** Gets the compiler that a project's package.json asks for. */
import { relative } from "node:path";
import { PropError, systemCode } from "../errors.ts";
import { runProgram, type SpawnOptions } from "./spawn.ts";

/**
 * Installs the npm packages that a project's package.json asks for.
 * @throws PropError `NPM_MISSING`, `NPM_FAILED`
 */
export async function installPackages(dir: string, options: SpawnOptions = {}): Promise<void> {
  const later = `The project is written. Install later with: cd ${relative(process.cwd(), dir) || "."} && npm install`;
  try {
    const args = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
    const { exitCode } = await runProgram("npm", args, { ...options, cwd: dir });
    if (exitCode === 0) return;
    throw new PropError({
      code: "NPM_FAILED",
      message: `npm install failed (exit ${exitCode})`,
      hint: later,
    });
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new PropError({ code: "NPM_MISSING", message: "npm is not on the PATH", hint: later, cause });
  }
}
