import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Args } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { examineToolchains, type ToolchainReport } from "../src/function/examine-toolchains.ts";
import { dockerConfigPath } from "../src/registry/client/docker-config.ts";

/** A compiler that is asked for its version answers in a fraction of this. */
const answerTimeoutMs = 10_000;

export default class Doctor extends PropCommand {
  static override summary = "Show which languages can be built here, and how to get the others.";
  static override description =
    "Looks for the compiler of every template, as a project in the folder would, and for the file with the logins of registries. A compiler that isn't there is no error.";
  static override examples = ["<%= config.bin %> doctor", "<%= config.bin %> doctor --json"];
  static override enableJsonFlag = true;
  static override args = {
    dir: Args.string({
      description: "Folder whose npm packages count.",
      default: ".",
      ignoreStdin: true,
    }),
  };

  async run() {
    const { args } = await this.parse(Doctor);
    const toolchains = await examineToolchains(resolve(args.dir), answerTimeoutMs);
    const credentials = dockerConfigPath(process.env);
    const report = {
      node: { version: process.version, path: process.execPath },
      toolchains,
      credentials: { path: credentials, found: existsSync(credentials) },
    };
    this.line("Node", `${process.version}  ${process.execPath}`);
    for (const toolchain of toolchains) this.show(toolchain);
    const logins = report.credentials.found ? credentials : `none: prop login writes ${credentials}`;
    this.line("Logins", logins);
    return report;
  }

  private show(report: ToolchainReport): void {
    if (report.found) {
      this.line(report.title, `${report.version}  ${report.path}`);
      return;
    }
    this.line(report.title, `missing: ${report.reason}`);
    for (const hint of report.hint.split("\n")) if (hint !== "") this.line("", `  ${hint}`);
  }

  private line(title: string, text: string): void {
    this.log(`${title.padEnd(18)}${text}`.trimEnd());
  }
}
