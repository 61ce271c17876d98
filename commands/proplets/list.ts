import { Flags } from "@oclif/core";
import type { WireProplet } from "../../src/api/client.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { pageFlags, partOfList } from "../../src/cli/page-flags.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText } from "../../src/cli/time-text.ts";

export default class PropletsList extends PropCommand {
  static override summary = "List proplets, which run the tasks.";
  static override description =
    "One is inactive when the manager has not heard of it for a while, and unheard when it has not since its own start. TASKS are those it holds: what runs there, what it was sent ahead, and each function that it keeps ready. RUNTIME is what it runs modules with.";
  static override examples = [
    "<%= config.bin %> proplets list",
    "<%= config.bin %> proplets list --status active --json",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    status: Flags.option({ description: "Only these.", options: ["active", "inactive"] as const })(),
    ...pageFlags,
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(PropletsList);
    const { client } = await connect(flags);
    const { limit, offset, status } = flags;
    const page = await client.proplets.list({ limit, offset, ...(status === undefined ? {} : { status }) });
    const now = Date.now();
    const rows = page.proplets.map((proplet) => [
      proplet.id,
      proplet.name,
      statusOf(proplet),
      String(proplet.task_count),
      proplet.metadata.wasm_runtime ?? "",
      ageText(proplet.last_alive_at, now),
    ]);
    const head = ["id", "name", "status", "tasks", "runtime", "heard"];
    this.log(renderTable(head, rows, { colours: showsColours() }));
    const part = partOfList(page.proplets.length, offset, page.total);
    if (part !== undefined) this.talk(part);
    return page;
  }
}

function statusOf({ alive, unheard, cordoned, draining, leaving }: WireProplet): string {
  const facts = [unheard ? "unheard" : alive ? "active" : "inactive"];
  if (draining) facts.push("draining");
  else if (cordoned) facts.push("cordoned");
  if (leaving) facts.push("leaving");
  return facts.join(", ");
}
