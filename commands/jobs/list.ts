import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { doneOf, stateWord } from "../../src/cli/job-view.ts";
import { pageFlags, partOfList } from "../../src/cli/page-flags.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { ageText } from "../../src/cli/time-text.ts";

export default class JobsList extends PropCommand {
  static override summary = "List jobs.";
  static override description = "Newest first.";
  static override examples = [
    "<%= config.bin %> jobs list",
    "<%= config.bin %> jobs list --state running",
    "<%= config.bin %> jobs list --json",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    state: Flags.option({ options: ["pending", "running", "completed", "failed", "interrupted"] as const })({
      description: "Only those in this state.",
    }),
    ...pageFlags,
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(JobsList);
    const { client } = await connect(flags);
    const { limit, offset, state: status } = flags;
    const page = await client.jobs.list({ limit, offset, ...(status === undefined ? {} : { status }) });
    const now = Date.now();
    const rows = page.jobs.map((job) => [
      job.job_id,
      job.name ?? "",
      job.execution_mode,
      stateWord(job.state),
      `${doneOf(job)} of ${job.total}`,
      ageText(job.created_at, now),
    ]);
    this.log(renderTable(["id", "name", "mode", "state", "done", "age"], rows, { colours: showsColours() }));
    const part = partOfList(page.jobs.length, offset, page.total);
    if (part !== undefined) this.talk(part);
    return page;
  }
}
