/** AssemblyScript: `asc` from the project's devDependencies. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findNpmPackage } from "../npm-package.ts";
import type { Toolchain } from "../toolchain.ts";

/** Small, and without a collector: a run starts in a fresh instance. An asconfig.json decides otherwise. */
const defaults = ["-Osize", "--runtime", "stub"];

/** A failed assertion traps instead of calling `env.abort`, which no proplet provides. */
const withoutImports = ["--use", "abort="];

export const assemblyscript: Toolchain = {
  title: "AssemblyScript",
  async findCompiler(project) {
    const { dir, version } = await findNpmPackage(project, "assemblyscript");
    const options = existsSync(join(project.dir, "asconfig.json")) ? [] : defaults;
    return {
      version: `assemblyscript ${version}`,
      path: dir,
      command: (output) => ({
        file: process.execPath,
        // Without --enable-source-maps asc starts itself again, and stopping the outer one leaves the inner.
        args: [
          "--enable-source-maps",
          join(dir, "bin/asc.js"),
          project.source,
          "--outFile",
          output,
          ...options,
          ...withoutImports,
        ],
      }),
    };
  },
};
