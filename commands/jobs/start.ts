import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class JobsStart extends PropCommand {
  static override summary = "Start a job.";
  static override description = "One that ended runs anew, all of it.";
  static override examples = ["<%= config.bin %> jobs start 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("job");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(JobsStart);
    const { client } = await connect(flags);
    await client.jobs.start(args.id);
    this.talk(`Started ${args.id}.`);
    return { id: args.id, started: true };
  }
}
