/** C: clang with lld and wasi-libc (also of a wasi-sdk), else zig, else the zig of PyPI's ziglang. */
import { PropError } from "../../errors.ts";
import { findClang, findZig } from "../c-drivers.ts";
import { whereIs } from "../path-search.ts";
import type { Toolchain } from "../toolchain.ts";

export const c: Toolchain = {
  title: "C",
  async findCompiler({ source, kind, export: entry }, signal) {
    const options = signal === undefined ? {} : { signal };
    const sdk = process.env.WASI_SDK_PATH;
    const driver =
      (sdk === undefined ? undefined : await findClang(`${sdk}/bin/clang`, options)) ??
      (await findClang("clang", options)) ??
      (await findZig("zig", [], options)) ??
      (await findZig("python3", ["-m", "ziglang"], options));
    if (driver === undefined) throw missing();
    const { version, file, args, library } = driver;
    const start = kind !== "function" || entry === "_start" ? [] : library;
    return {
      version,
      path: await whereIs(file),
      command: (output) => ({
        file,
        args: [...args, "-O2", "-Wall", ...start, "-Wl,--strip-all", "-o", output, source],
      }),
    };
  },
};

function missing(): PropError {
  return new PropError({
    code: "COMPILER_MISSING",
    message: "no C compiler here makes WebAssembly: neither clang with wasm-ld and wasi-libc, nor zig",
    hint: [
      "Get one of:",
      "  apt install clang lld wasi-libc libclang-rt-dev-wasm32",
      "  pip install ziglang",
      "  wasi-sdk from https://github.com/WebAssembly/wasi-sdk (and set WASI_SDK_PATH)",
    ].join("\n"),
  });
}
