import { PropCommand } from "../../src/cli/command.ts";
import { functionNameArg } from "../../src/cli/function-name.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class FunctionsDelete extends PropCommand {
  static override summary = "Delete a function.";
  static override description = "Invocations under way are answered first; its task goes with it.";
  static override examples = ["<%= config.bin %> functions delete hello"];
  static override enableJsonFlag = true;
  static override args = functionNameArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(FunctionsDelete);
    const { client } = await connect(flags);
    await client.functions.delete(args.name);
    this.talk(`Deleted ${args.name}.`);
    return { name: args.name, deleted: true };
  }
}
