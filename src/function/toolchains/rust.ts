/** Rust: cargo, with the standard library for WebAssembly, which is rustup's or Debian's. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PropError } from "../../errors.ts";
import type { Project } from "../project.ts";
import { findCargo } from "../rust-targets.ts";
import type { Toolchain } from "../toolchain.ts";

export const rust: Toolchain = {
  title: "Rust",
  async findCompiler(project, signal) {
    const { kind } = project;
    const options = signal === undefined ? {} : { signal };
    const cargo = await findCargo(kind === "function" ? functionTargets : programTargets, options);
    if (cargo === undefined) throw missing();
    const { file, rustc, version, target } = cargo;
    // A lock is there from the first build on; one that changes with it would build again.
    const locked = existsSync(join(project.dir, "Cargo.lock")) ? ["--locked"] : [];
    return {
      version,
      path: file,
      command: () => ({
        file,
        args: ["build", "--release", "--target", target, "--target-dir", ".prop/cargo", ...locked],
        env: { RUSTC: rustc },
        leaves: join(".prop/cargo", target, "release", `${artifactOf(project)}.wasm`),
      }),
    };
  },
};

const functionTargets = ["wasm32-unknown-unknown"];
/** The second is what the first was called before Rust 1.78. */
const programTargets = ["wasm32-wasip1", "wasm32-wasi"];

/** Cargo names a library as a Rust identifier, a program as its package. */
function artifactOf({ kind, name }: Project): string {
  return kind === "function" ? name.replaceAll("-", "_") : name;
}

function missing(): PropError {
  return new PropError({
    code: "COMPILER_MISSING",
    message: "there is no cargo here with the standard library for WebAssembly",
    hint: [
      "Get it with one of:",
      "  rustup target add wasm32-wasip1 wasm32-unknown-unknown",
      "  apt install cargo libstd-rust-dev-wasm32",
    ].join("\n"),
  });
}
