import { PropCommand } from "../../src/cli/command.ts";
import { stateWord } from "../../src/cli/job-view.ts";
import { pageFlags, partOfList } from "../../src/cli/page-flags.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText } from "../../src/cli/time-text.ts";
import { isEnded } from "../../src/model/task-state.ts";

export default class WorkflowsList extends PropCommand {
  static override summary = "List workflows.";
  static override description = "Newest first.";
  static override examples = ["<%= config.bin %> workflows list", "<%= config.bin %> workflows list --json"];
  static override enableJsonFlag = true;
  static override flags = { ...pageFlags, ...targetFlag };

  async run() {
    const { flags } = await this.parse(WorkflowsList);
    const { client } = await connect(flags);
    const page = await client.workflows.list({ limit: flags.limit, offset: flags.offset });
    const now = Date.now();
    const rows = page.workflows.map(({ workflow_id, name, state, created_at, tasks }) => [
      workflow_id,
      name ?? "",
      stateWord(state),
      `${tasks.filter((task) => isEnded(task.state)).length} of ${tasks.length}`,
      ageText(created_at, now),
    ]);
    this.log(renderTable(["id", "name", "state", "done", "age"], rows, { colours: showsColours() }));
    const part = partOfList(page.workflows.length, flags.offset, page.total);
    if (part !== undefined) this.talk(part);
    return page;
  }
}
