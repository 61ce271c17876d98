import { basename, relative, resolve } from "node:path";
import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../src/cli/interruptible.ts";
import { PropError } from "../src/errors.ts";
import { compilerOutput } from "../src/function/compiler-output.ts";
import { checkFunctionName } from "../src/function/function-name.ts";
import { askForProject } from "../src/function/init-prompts.ts";
import { installPackages } from "../src/function/install-packages.ts";
import { functionKinds } from "../src/function/kind.ts";
import { findMissingCompiler } from "../src/function/missing-compiler.ts";
import { nextSteps } from "../src/function/next-steps.ts";
import { scaffoldProject, templateKinds } from "../src/function/scaffold.ts";
import { toolchainNames } from "../src/function/toolchains/index.ts";

export default class Init extends PropCommand {
  static override summary = "Start a function project that builds and runs as it stands.";
  static override description =
    "Writes source, prop.toml, README.md and .gitignore, and installs the compiler where it is an npm package. On a terminal it asks for what is not given. Nothing is overwritten.";
  static override examples = [
    "<%= config.bin %> init hello",
    "<%= config.bin %> init hello-wat --template wat --no-install",
    "<%= config.bin %> init orders --template go --kind http",
    "<%= config.bin %> init hello-c --template c --name add --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    dir: Args.string({ description: "Folder of the project (default: the name).", ignoreStdin: true }),
  };
  static override flags = {
    template: Flags.string({
      char: "t",
      description: "Language to start with (default: assemblyscript).",
      options: toolchainNames,
    }),
    kind: Flags.option({
      options: functionKinds,
      char: "k",
      description: "What it is (default: function).",
    })(),
    name: Flags.string({ char: "n", description: "Name of the function (default: the folder's)." }),
    install: Flags.boolean({ description: "Install what the template needs.", default: true, allowNo: true }),
  };

  async run() {
    const { args, flags } = await this.parse(Init);
    const given = { dir: args.dir ?? flags.name, template: flags.template, kind: flags.kind };
    const interactive = process.stdin.isTTY && process.stderr.isTTY && !this.jsonEnabled();
    const {
      dir = missingDir(),
      template = "assemblyscript",
      kind = "function",
    } = interactive ? await askForProject(given) : given;
    const root = resolve(dir);
    const name = checkFunctionName(flags.name ?? basename(root));
    if (!templateKinds(template).includes(kind)) throw noSuchKind(template, kind);
    const files = await scaffoldProject({ dir: root, name, template, kind });
    const hasPackages = files.includes("package.json");
    const installed = hasPackages && flags.install;
    if (installed) await this.install(root);
    const folder = relative(process.cwd(), root);
    this.talk(`\nThe function ${name} is in ${folder || "this folder"}. Next:\n`);
    for (const step of nextSteps(folder, hasPackages && !installed, kind)) this.talk(`  ${step}`);
    if (!hasPackages) await this.warnOfMissingCompiler(root);
    return { dir: root, name, template, kind, files, installed };
  }

  private async install(dir: string): Promise<void> {
    this.talk("Installing what the template needs …");
    const onOutput = compilerOutput();
    const ended = await interruptible((signal) => installPackages(dir, { signal, onOutput }));
    if (ended === "interrupted") this.exit(interruptedExitCode);
  }

  private async warnOfMissingCompiler(dir: string): Promise<void> {
    const missing = await findMissingCompiler(dir);
    if (missing !== undefined) this.talk(`\nBut ${missing.message}.\n${missing.hint}`);
  }
}

function noSuchKind(template: string, kind: string): PropError {
  return new PropError({
    code: "USAGE",
    message: `the template ${template} has no kind "${kind}"`,
    hint: `It has: ${templateKinds(template).join(", ")}`,
    exitCode: 2,
  });
}

function missingDir(): never {
  throw new PropError({
    code: "USAGE",
    message: "which folder?",
    hint: "Name it: prop init hello",
    exitCode: 2,
  });
}
