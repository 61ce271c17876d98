/** Zig: `zig` on the PATH, else the one of PyPI's ziglang. */
import { PropError } from "../../errors.ts";
import { whereIs } from "../path-search.ts";
import { askProgram, type SpawnOptions } from "../spawn.ts";
import type { Toolchain } from "../toolchain.ts";

export const zig: Toolchain = {
  title: "Zig",
  async findCompiler({ source, kind }, signal) {
    const options = signal === undefined ? {} : { signal };
    const { version, file, args } =
      (await find("zig", [], options)) ?? (await find("python3", ["-m", "ziglang"], options)) ?? missing();
    const target =
      kind === "function"
        ? ["-target", "wasm32-freestanding", "-fno-entry", "-rdynamic"]
        : ["-target", "wasm32-wasi"];
    return {
      version: `zig ${version}`,
      path: await whereIs(file),
      command: (output) => ({
        file,
        args: [
          ...[...args, "build-exe", source, ...target, "-O", "ReleaseSmall"],
          ...["--cache-dir", ".prop/zig", `-femit-bin=${output}`],
        ],
      }),
    };
  },
};

async function find(file: string, args: string[], options: SpawnOptions) {
  const version = await askProgram(file, [...args, "version"], options);
  return version === undefined ? undefined : { version: version.trim(), file, args };
}

function missing(): never {
  throw new PropError({
    code: "COMPILER_MISSING",
    message: "there is no Zig compiler here: neither zig nor the Python package ziglang",
    hint: ["Get it with one of:", "  pip install ziglang", "  brew install zig"].join("\n"),
  });
}
