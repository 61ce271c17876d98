import { PropCommand } from "../../src/cli/command.ts";
import { propletIdArg } from "../../src/cli/proplet-id.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class PropletsUncordon extends PropCommand {
  static override summary = "Let a proplet take tasks again.";
  static override description = "Takes back a cordon, or a drain: what has moved stays where it is.";
  static override examples = ["<%= config.bin %> proplets uncordon proplet-1"];
  static override enableJsonFlag = true;
  static override args = propletIdArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(PropletsUncordon);
    const { client } = await connect(flags);
    const proplet = await client.proplets.uncordon(args.id);
    this.talk(`${args.id} takes tasks again.`);
    return proplet;
  }
}
