import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { sizeText } from "../src/engine/size-text.ts";
import { parseAssignments } from "../src/function/assignments.ts";
import { buildProject } from "../src/function/build.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { type DeployChoices, deploymentOfFile, deploymentOfProject } from "../src/function/deploy.ts";
import { deploymentOfImage, isImageReference } from "../src/function/deploy-image.ts";
import { loadProject } from "../src/function/load-project.ts";
import { formatReference, parseReference } from "../src/registry/reference.ts";

export default class Deploy extends PropCommand {
  static override summary = "Hand a function to a manager, ready to be invoked.";
  static override description =
    "Builds the project and waits until a proplet has its module compiled. A function of that name is replaced: invocations go to the old one until the new one is ready, and none fails in between. Of an image the manager looks up the digest once, and every proplet runs that one.";
  static override usage = "deploy [dir|file.wasm|image] [flags]";
  static override examples = [
    "<%= config.bin %> deploy",
    "<%= config.bin %> deploy hello --target dev",
    "<%= config.bin %> deploy build/hello.wasm --name greet --invoke add --json",
    "<%= config.bin %> deploy registry.example.com/team/hello:1.0 --invoke add",
  ];
  static override enableJsonFlag = true;
  static override args = {
    source: Args.string({
      description: "Folder of a project, a .wasm file, or the reference of an image, with its tag or digest.",
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
    const { name, input, what, sampleInputs } = deployment;
    const deployed = await client.functions.deploy(name, input);
    this.log(`deployed ${name} (revision ${deployed.revision}, ${what}) to ${target.name}`);
    this.talk(`invoke it: ${["prop invoke", name, ...sampleInputs].join(" ")}`);
    return { ...deployed, target: target.name, url: target.url };
  }
}

async function prepare(source: string, choices: DeployChoices, signal: AbortSignal) {
  if (isImageReference(source)) {
    const reference = parseReference(source);
    const what = formatReference(reference);
    return { ...deploymentOfImage(what, reference.repository, choices), what, sampleInputs: [] };
  }
  const made = await deploymentOfModule(source, choices, signal);
  return { ...made, what: sizeText(made.sizeBytes) };
}

async function deploymentOfModule(source: string, choices: DeployChoices, signal: AbortSignal) {
  if (source.endsWith(".wasm")) return await deploymentOfFile(source, choices);
  const project = await loadProject(source);
  const built = await buildProject(project, { signal, onOutput: compilerOutput() });
  return await deploymentOfProject(project, built, choices);
}
