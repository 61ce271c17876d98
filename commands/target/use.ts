import { Args } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { useTarget } from "../../src/config/targets.ts";

export default class TargetUse extends PropCommand {
  static override summary = "Choose the manager that commands talk to from now on.";
  static override description = "--target and PROP_TARGET go before it. dev is the prop dev of this machine.";
  static override examples = ["<%= config.bin %> target use dev"];
  static override enableJsonFlag = true;
  static override args = {
    name: Args.string({ description: "Name of the target.", required: true, ignoreStdin: true }),
  };

  async run() {
    const { args } = await this.parse(TargetUse);
    await useTarget(process.env, args.name);
    this.talk(`Commands now talk to ${args.name}.`);
    return { current: args.name };
  }
}
