import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class JobsStop extends PropCommand {
  static override summary = "Stop a job.";
  static override description = "Its tasks that run are stopped, those that wait are Interrupted.";
  static override examples = ["<%= config.bin %> jobs stop 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("job");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(JobsStop);
    const { client } = await connect(flags);
    await client.jobs.stop(args.id);
    this.talk(`Stopping ${args.id}.`);
    return { id: args.id, stopped: true };
  }
}
