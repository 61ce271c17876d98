import { PropCommand } from "../../src/cli/command.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText } from "../../src/cli/time-text.ts";

export default class FunctionsList extends PropCommand {
  static override summary = "List functions, which can be invoked.";
  static override description = "By name. The age is that of the revision; the task is what keeps it ready.";
  static override examples = ["<%= config.bin %> functions list", "<%= config.bin %> functions list --json"];
  static override enableJsonFlag = true;
  static override flags = targetFlag;

  async run() {
    const { flags } = await this.parse(FunctionsList);
    const { client } = await connect(flags);
    const functions = await client.functions.list();
    const now = Date.now();
    const rows = functions.map(({ name, revision, task_id, updated_at }) => [
      name,
      String(revision),
      task_id,
      ageText(updated_at, now),
    ]);
    this.log(renderTable(["name", "revision", "task", "age"], rows, { colours: showsColours() }));
    return functions;
  }
}
