import { Flags } from "@oclif/core";
import type { WireJobSummary } from "../../src/api/client.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { interruptedExitCode } from "../../src/cli/interruptible.ts";
import { doneOf, renderJob } from "../../src/cli/job-view.ts";
import { limitFlag, pageFlags } from "../../src/cli/page-flags.ts";
import { showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";
import { showGroup } from "../../src/cli/watch-group.ts";
import { TaskState } from "../../src/model/task-state.ts";

export default class JobsGet extends PropCommand {
  static override summary = "Show a job: how far it is, and its tasks.";
  static override description =
    "With --watch it follows the job to its end, and exits with 1 where it failed.";
  static override examples = [
    "<%= config.bin %> jobs get 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11",
    "<%= config.bin %> jobs get 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11 --watch",
  ];
  static override enableJsonFlag = true;
  static override args = uuidArg("job");
  static override flags = {
    watch: Flags.boolean({ char: "w", description: "Follow it until it has ended." }),
    ...pageFlags,
    limit: limitFlag(20),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(JobsGet);
    const { client } = await connect(flags);
    const { limit, offset } = flags;
    const load = () => client.jobs.get(args.id, { limit, offset });
    const { terminal } = this;
    const bar = () => (terminal === undefined ? {} : { barWidth: Math.min(60, terminal.columns ?? 60) });
    const render = (job: WireJobSummary) => renderJob(job, { ...bar(), colours: showsColours() });
    const isOver = (job: WireJobSummary) => doneOf(job) === job.total;
    const print = (text: string) => this.log(text);
    const shown = await showGroup({ client, watch: flags.watch, load, isOver, render, terminal, print });
    if (shown === "interrupted") this.exit(interruptedExitCode);
    if (flags.watch && shown.state === TaskState.Failed) process.exitCode = 1;
    return shown;
  }
}
