import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { readGroupFile } from "../../src/cli/group-file.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";

export default class WorkflowsCreate extends PropCommand {
  static override summary = "Create a workflow: tasks that start when those they depend on have ended.";
  static override description =
    'Prints its id. The file is JSON: {"name", "tasks": [{"name", "module", "depends_on", "run_if", …}]}, where module is the path of a .wasm file, depends_on names other tasks, and the rest is as the API has it. It runs once it is started; --start does so at once.';
  static override examples = [
    "<%= config.bin %> workflows create -f workflow.json",
    "<%= config.bin %> workflows create -f workflow.json --start",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    file: Flags.string({ char: "f", description: "The workflow as JSON.", required: true }),
    start: Flags.boolean({ description: "Start it at once." }),
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(WorkflowsCreate);
    const input = await readGroupFile(flags.file, "workflow");
    const { client } = await connect(flags);
    const { tasks } = await client.workflows.create(input);
    const id = tasks[0]?.workflow_id ?? "";
    if (flags.start) await client.workflows.start(id);
    this.log(id);
    return { workflow_id: id, tasks };
  }
}
