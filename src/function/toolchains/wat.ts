/** WebAssembly text: `wat2wasm` of the npm package wabt, from the project's devDependencies. */
import { join } from "node:path";
import { findNpmPackage } from "../npm-package.ts";
import type { Toolchain } from "../toolchain.ts";

export const wat: Toolchain = {
  title: "WebAssembly text",
  async findCompiler(project) {
    const { dir, version } = await findNpmPackage(project, "wabt");
    return {
      version: `wabt ${version}`,
      path: dir,
      command: (output) => ({
        file: process.execPath,
        args: [join(dir, "bin/wat2wasm"), project.source, "-o", output],
      }),
    };
  },
};
