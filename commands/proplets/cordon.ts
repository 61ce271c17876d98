import { PropCommand } from "../../src/cli/command.ts";
import { propletIdArg } from "../../src/cli/proplet-id.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class PropletsCordon extends PropCommand {
  static override summary = "Give a proplet nothing new.";
  static override description =
    "What it holds goes on. prop proplets drain moves that too; prop proplets uncordon takes it back.";
  static override examples = ["<%= config.bin %> proplets cordon proplet-1"];
  static override enableJsonFlag = true;
  static override args = propletIdArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(PropletsCordon);
    const { client } = await connect(flags);
    const proplet = await client.proplets.cordon(args.id);
    this.talk(`Cordoned ${args.id}: it gets nothing new.`);
    return proplet;
  }
}
