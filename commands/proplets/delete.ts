import { PropCommand } from "../../src/cli/command.ts";
import { propletIdArg } from "../../src/cli/proplet-id.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class PropletsDelete extends PropCommand {
  static override summary = "Forget a proplet.";
  static override description =
    "One that has running tasks is kept. One that still lives comes back when it is heard.";
  static override examples = ["<%= config.bin %> proplets delete proplet-9"];
  static override enableJsonFlag = true;
  static override args = propletIdArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(PropletsDelete);
    const { client } = await connect(flags);
    await client.proplets.delete(args.id);
    this.talk(`Deleted ${args.id}.`);
    return { id: args.id, deleted: true };
  }
}
