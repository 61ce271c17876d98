import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { pageFlags, partOfList } from "../../src/cli/page-flags.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText, untilText } from "../../src/cli/time-text.ts";
import { stateName, taskStateNames } from "../../src/model/task-state.ts";

export default class TasksList extends PropCommand {
  static override summary = "List tasks.";
  static override description =
    "The newest first. A function that is deployed is a task too: one that stays Running.";
  static override examples = [
    "<%= config.bin %> tasks list",
    "<%= config.bin %> tasks list --state failed",
    "<%= config.bin %> tasks list --limit 10 --offset 20",
    "<%= config.bin %> tasks list --json",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    state: Flags.option({ options: taskStateNames.map((name) => name.toLowerCase()) })({
      description: "Only those in this state.",
    }),
    ...pageFlags,
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(TasksList);
    const { client } = await connect(flags);
    const state = flags.state === undefined ? {} : { state: flags.state };
    const { limit, offset } = flags;
    const page = await client.tasks.list({ ...state, limit, offset, order: "newest" });
    const now = Date.now();
    // Most have none: then there is no column either.
    const showsNext = page.tasks.some((task) => untilText(task.next_run, now) !== "");
    const head = ["id", "name", "state", "proplet", "age", ...(showsNext ? ["next run"] : [])];
    const rows = page.tasks.map((task) => [
      task.id,
      task.name,
      stateName(task.state),
      task.proplet_id ?? "",
      ageText(task.created_at, now),
      ...(showsNext ? [untilText(task.next_run, now)] : []),
    ]);
    this.log(renderTable(head, rows, { colours: showsColours() }));
    const part = partOfList(page.tasks.length, flags.offset, page.total);
    if (part !== undefined) this.talk(part);
    return page;
  }
}
