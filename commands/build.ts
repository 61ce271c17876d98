import { relative } from "node:path";
import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { type BuildResult, buildProject } from "../src/function/build.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { loadProject } from "../src/function/load-project.ts";
import { formatDuration } from "../src/function/quantities.ts";
import { formatSignature } from "../src/function/signature.ts";

export default class Build extends PropCommand {
  static override summary = "Build a project's WebAssembly module.";
  static override description =
    "Runs the compiler that prop.toml names and writes build/<name>.wasm. What is unchanged is not built again.";
  static override examples = [
    "<%= config.bin %> build",
    "<%= config.bin %> build hello --force",
    "<%= config.bin %> build --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    dir: Args.string({ description: "Folder of the project.", default: ".", ignoreStdin: true }),
  };
  static override flags = {
    force: Flags.boolean({ char: "f", description: "Build also where nothing changed." }),
  };

  async run() {
    const { args, flags } = await this.parse(Build);
    const project = await loadProject(args.dir);
    const onOutput = compilerOutput();
    const result = await interruptible((signal) =>
      buildProject(project, { force: flags.force, signal, onOutput }),
    );
    if (result === "interrupted") return this.exit(interruptedExitCode);
    this.show(result);
    const { info, ...rest } = result;
    const { name, toolchain } = project;
    return { name, toolchain, ...rest, exports: info.functions, imports: info.imports };
  }

  private show({ path, sizeBytes, rebuilt, durationMs, info }: BuildResult): void {
    const how = rebuilt ? `built in ${formatDuration(durationMs)}` : "unchanged";
    this.log(`${relative(process.cwd(), path)}  ${sizeText(sizeBytes)}  ${how}`);
    for (const signature of info.functions) this.log(`  ${formatSignature(signature)}`);
  }
}
