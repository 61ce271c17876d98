/** Go: its own compiler, for `wasip1`. Plain functions are in a reactor, which has Go's runtime and needs WASI. */
import { dirname } from "node:path";
import { PropError } from "../../errors.ts";
import { whereIs } from "../path-search.ts";
import { askProgram } from "../spawn.ts";
import type { Toolchain } from "../toolchain.ts";

/** Smaller, with the names that a panic shows; the paths of this machine are nobody else's. */
const flags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w"];

export const go: Toolchain = {
  title: "Go",
  async findCompiler({ source, kind }, signal) {
    const version = await askProgram("go", ["version"], signal === undefined ? {} : { signal });
    if (version === undefined) throw missing();
    const reactor = kind === "function" ? ["-buildmode=c-shared"] : [];
    return {
      version: version.trim(),
      path: await whereIs("go"),
      command: (output) => ({
        file: "go",
        args: ["build", ...flags, ...reactor, "-o", output, `./${dirname(source)}`],
        env: { GOOS: "wasip1", GOARCH: "wasm" },
      }),
    };
  },
};

function missing(): PropError {
  return new PropError({
    code: "COMPILER_MISSING",
    message: "there is no Go compiler on the PATH",
    hint: ["Get Go 1.24 or newer:", "  https://go.dev/dl", "  brew install go"].join("\n"),
  });
}
