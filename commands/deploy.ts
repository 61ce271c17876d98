import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { parseAssignments } from "../src/function/assignments.ts";
import { buildProject } from "../src/function/build.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { type DeployChoices, deploymentOfFile, deploymentOfProject } from "../src/function/deploy.ts";
import { loadProject } from "../src/function/load-project.ts";

export default class Deploy extends PropCommand {
  static override summary = "Hand a function to a manager, ready to be invoked.";
  static override description =
    "Builds the project and waits until a proplet has its module compiled. A function of that name is replaced: invocations go to the old one until the new one is ready, and none fails in between.";
  static override usage = "deploy [dir|file.wasm] [flags]";
  static override examples = [
    "<%= config.bin %> deploy",
    "<%= config.bin %> deploy hello --target dev",
    "<%= config.bin %> deploy build/hello.wasm --name greet --invoke add --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    source: Args.string({
      description: "Folder of a project, or a .wasm file.",
      default: ".",
      ignoreStdin: true,
    }),
  };
  static override flags = {
    name: Flags.string({ description: "Name of the function (default: the project's or file's)." }),
    invoke: Flags.string({ description: "Exported function to call (default: prop.toml's export)." }),
    env: Flags.string({
      description: "Environment variable for the module, NAME=value.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(Deploy);
    const choices = {
      env: parseAssignments(flags.env ?? [], "--env"),
      ...(flags.name === undefined ? {} : { name: flags.name }),
      ...(flags.invoke === undefined ? {} : { invoke: flags.invoke }),
    };
    const { target, client } = await connect(flags);
    const deployment = await interruptible((signal) => prepare(args.source, choices, signal));
    if (deployment === "interrupted") return this.exit(interruptedExitCode);
    const { name, input, sizeBytes, sampleInputs } = deployment;
    const deployed = await client.functions.deploy(name, input);
    this.log(`deployed ${name} (revision ${deployed.revision}, ${sizeText(sizeBytes)}) to ${target.name}`);
    this.talk(`invoke it: ${["prop invoke", name, ...sampleInputs].join(" ")}`);
    return { ...deployed, target: target.name, url: target.url };
  }
}

async function prepare(source: string, choices: DeployChoices, signal: AbortSignal) {
  if (source.endsWith(".wasm")) return await deploymentOfFile(source, choices);
  const project = await loadProject(source);
  const built = await buildProject(project, { signal, onOutput: compilerOutput() });
  return await deploymentOfProject(project, built, choices);
}
