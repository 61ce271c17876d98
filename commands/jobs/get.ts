import { Flags } from "@oclif/core";
import type { WireJobSummary } from "../../src/api/client.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { groupIdArg } from "../../src/cli/group-id.ts";
import { interruptedExitCode, interruptible } from "../../src/cli/interruptible.ts";
import { doneOf, renderJob } from "../../src/cli/job-view.ts";
import { showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { watchGroup } from "../../src/cli/watch-group.ts";
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
  static override args = groupIdArg("job");
  static override flags = {
    watch: Flags.boolean({ char: "w", description: "Follow it until it has ended." }),
    limit: Flags.integer({ description: "How many tasks to show.", default: 20, min: 1, max: 1000 }),
    offset: Flags.integer({ description: "How many to skip.", default: 0, min: 0 }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(JobsGet);
    const { client } = await connect(flags);
    const { limit, offset } = flags;
    const load = () => client.jobs.get(args.id, { limit, offset });
    const terminal = process.stdout.isTTY && !this.jsonEnabled() ? process.stdout : undefined;
    const bar = terminal === undefined ? {} : { barWidth: Math.min(60, terminal.columns ?? 60) };
    const render = (job: WireJobSummary) => renderJob(job, { ...bar, colours: showsColours() });
    if (!flags.watch) {
      const job = await load();
      this.log(render(job));
      return job;
    }
    const isOver = (job: WireJobSummary) => doneOf(job) === job.total;
    const watched = await interruptible((signal) =>
      watchGroup({ client, signal, load, isOver, render, terminal }),
    );
    if (watched === "interrupted") this.exit(interruptedExitCode);
    if (terminal === undefined) this.log(render(watched));
    if (watched.state === TaskState.Failed) process.exitCode = 1;
    return watched;
  }
}
