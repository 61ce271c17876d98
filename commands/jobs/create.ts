import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { readGroupFile } from "../../src/cli/group-file.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { executionModes } from "../../src/model/job.ts";

export default class JobsCreate extends PropCommand {
  static override summary = "Create a job: tasks that are started together.";
  static override description =
    'Prints its id. The file is JSON: {"name", "execution_mode", "tasks": [{"name", "module", "inputs", …}]}, where module is the path of a .wasm file and the rest is as the API has it. It runs once it is started; --start does so at once.';
  static override examples = [
    "<%= config.bin %> jobs create -f job.json",
    "<%= config.bin %> jobs create -f job.json --mode sequential --start",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    file: Flags.string({ char: "f", description: "The job as JSON.", required: true }),
    mode: Flags.string({
      description: "How its tasks are started, in the place of what the file says.",
      options: [...executionModes],
    }),
    start: Flags.boolean({ description: "Start it at once." }),
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(JobsCreate);
    const input = await readGroupFile(flags.file, "job");
    const { client } = await connect(flags);
    const job = await client.jobs.create({
      ...input,
      ...(flags.mode === undefined ? {} : { execution_mode: flags.mode }),
    });
    if (flags.start) await client.jobs.start(job.job_id);
    this.log(job.job_id);
    return job;
  }
}
