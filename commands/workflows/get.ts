import { Flags } from "@oclif/core";
import type { WireWorkflow } from "../../src/api/client.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { interruptedExitCode } from "../../src/cli/interruptible.ts";
import { showsColours } from "../../src/cli/table.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";
import { showGroup } from "../../src/cli/watch-group.ts";
import { renderWorkflow } from "../../src/cli/workflow-view.ts";
import { isEnded, TaskState } from "../../src/model/task-state.ts";

/** Of a terminal that doesn't say, and of what is no terminal. */
const USUAL_COLUMNS = 80;

export default class WorkflowsGet extends PropCommand {
  static override summary = "Draw a workflow: its tasks, what depends on what, and how far it is.";
  static override description =
    "With --watch it follows the workflow to its end, and exits with 1 where it failed.";
  static override examples = [
    "<%= config.bin %> workflows get 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11",
    "<%= config.bin %> workflows get 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11 --watch",
  ];
  static override enableJsonFlag = true;
  static override args = uuidArg("workflow");
  static override flags = {
    watch: Flags.boolean({ char: "w", description: "Follow it until it has ended." }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(WorkflowsGet);
    const { client } = await connect(flags);
    const load = () => client.workflows.get(args.id);
    const { terminal } = this;
    const render = (workflow: WireWorkflow) =>
      renderWorkflow(workflow, { width: terminal?.columns ?? USUAL_COLUMNS, colours: showsColours() });
    const isOver = ({ tasks }: WireWorkflow) => tasks.every(({ state }) => isEnded(state));
    const print = (text: string) => this.log(text);
    const shown = await showGroup({ client, watch: flags.watch, load, isOver, render, terminal, print });
    if (shown === "interrupted") this.exit(interruptedExitCode);
    if (flags.watch && shown.state === TaskState.Failed) process.exitCode = 1;
    return shown;
  }
}
