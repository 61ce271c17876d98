import { PropCommand } from "../../src/cli/command.ts";
import { renderFields } from "../../src/cli/fields.ts";
import { functionNameArg } from "../../src/cli/function-name.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { stateName } from "../../src/model/task-state.ts";

export default class FunctionsGet extends PropCommand {
  static override summary = "Show a function, and where it is kept ready.";
  static override description = "--json shows it as the manager's API does, with its task.";
  static override examples = ["<%= config.bin %> functions get hello"];
  static override enableJsonFlag = true;
  static override args = functionNameArg;
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(FunctionsGet);
    const { client } = await connect(flags);
    const deployed = await client.functions.get(args.name);
    const task = await client.tasks.get(deployed.task_id);
    const { state, proplet_id, waits, error } = task;
    this.log(renderFields({ ...deployed, state: stateName(state), proplet_id, waits, error }));
    return { ...deployed, task };
  }
}
