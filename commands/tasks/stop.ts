import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class TasksStop extends PropCommand {
  static override summary = "Stop a task.";
  static override description = "It is Interrupted once its proplet has ended it, or is gone.";
  static override examples = ["<%= config.bin %> tasks stop 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("task");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TasksStop);
    const { client } = await connect(flags);
    await client.tasks.stop(args.id);
    this.talk(`Stopping ${args.id}.`);
    return { id: args.id, stopped: true };
  }
}
