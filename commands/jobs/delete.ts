import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

export default class JobsDelete extends PropCommand {
  static override summary = "Delete a job with its tasks.";
  static override description = "Those that run are stopped first.";
  static override examples = ["<%= config.bin %> jobs delete 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("job");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(JobsDelete);
    const { client } = await connect(flags);
    await client.jobs.delete(args.id);
    this.talk(`Deleted ${args.id}.`);
    return { id: args.id, deleted: true };
  }
}
