import { PropCommand } from "../../src/cli/command.ts";
import { renderFields } from "../../src/cli/fields.ts";
import { propletIdArg } from "../../src/cli/proplet-id.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class PropletsGet extends PropCommand {
  static override summary = "Show a proplet.";
  static override description = "--json shows it as the manager's API does.";
  static override examples = ["<%= config.bin %> proplets get proplet-1"];
  static override enableJsonFlag = true;
  static override args = propletIdArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(PropletsGet);
    const { client } = await connect(flags);
    const proplet = await client.proplets.get(args.id);
    const { metadata, ...rest } = proplet;
    this.log(renderFields({ ...rest, ...metadata }));
    return proplet;
  }
}
