import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";
import { PropError } from "../../src/errors.ts";
import { isEnded, stateName, TaskState } from "../../src/model/task-state.ts";

export default class TasksResults extends PropCommand {
  static override summary = "Print what a task returned.";
  static override description = "The error of one that failed is on stderr, and the exit code is 1.";
  static override examples = ["<%= config.bin %> tasks results 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("task");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TasksResults);
    const { client } = await connect(flags);
    const { name, state, results, error } = await client.tasks.get(args.id);
    if (state === TaskState.Failed) throw failed(`task ${name} failed: ${error ?? "it does not say why"}`);
    if (!isEnded(state) && results === undefined)
      throw noResult(`task ${name} is ${stateName(state)}: it has no result yet`);
    if (results !== undefined) this.log(typeof results === "string" ? results : JSON.stringify(results));
    return { id: args.id, state: stateName(state), results: results ?? null };
  }
}

function failed(message: string): PropError {
  return new PropError({ code: "TASK_FAILED", message });
}

function noResult(message: string): PropError {
  return new PropError({ code: "TASK_NOT_ENDED", message });
}
