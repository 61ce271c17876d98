import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class WorkflowsStart extends PropCommand {
  static override summary = "Start a workflow.";
  static override description = "One that ended runs anew, all of it.";
  static override examples = ["<%= config.bin %> workflows start 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("workflow");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(WorkflowsStart);
    const { client } = await connect(flags);
    await client.workflows.start(args.id);
    this.talk(`Started ${args.id}.`);
    return { id: args.id, started: true };
  }
}
