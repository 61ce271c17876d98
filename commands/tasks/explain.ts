import { PropCommand } from "../../src/cli/command.ts";
import { renderExplanation } from "../../src/cli/explanation.ts";
import { showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class TasksExplain extends PropCommand {
  static override summary = "Show why a task runs where it does, or what it waits for.";
  static override description =
    "For each proplet: whether it could take the task now, and if not, each reason. Those that fit come first, in the order of the policy.";
  static override examples = [
    "<%= config.bin %> tasks explain 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11",
    "<%= config.bin %> tasks explain 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11 --json",
  ];
  static override enableJsonFlag = true;
  static override args = uuidArg("task");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TasksExplain);
    const { client } = await connect(flags);
    const explanation = await client.tasks.explain(args.id);
    this.log(renderExplanation(explanation, { colours: showsColours() }));
    return explanation;
  }
}
