import { Args } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { removeTarget } from "../../src/config/targets.ts";

export default class TargetRemove extends PropCommand {
  static override summary = "Forget a named manager.";
  static override description = "The manager itself goes on. Where it was the chosen one, dev is again.";
  static override examples = ["<%= config.bin %> target remove staging"];
  static override enableJsonFlag = true;
  static override args = {
    name: Args.string({ description: "Name of the target.", required: true, ignoreStdin: true }),
  };

  async run() {
    const { args } = await this.parse(TargetRemove);
    await removeTarget(process.env, args.name);
    this.talk(`Removed ${args.name}.`);
    return { removed: args.name };
  }
}
