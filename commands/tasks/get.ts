import { renderAttempts } from "../../src/cli/attempts.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { renderTask } from "../../src/cli/task-view.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";

const ATTEMPTS_SHOWN = 100;

export default class TasksGet extends PropCommand {
  static override summary = "Show a task, and the attempts at it where one was lost.";
  static override description = "--json shows it as the manager's API does, with its attempts.";
  static override examples = ["<%= config.bin %> tasks get 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11"];
  static override enableJsonFlag = true;
  static override args = uuidArg("task");
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TasksGet);
    const { client } = await connect(flags);
    const task = await client.tasks.get(args.id);
    const { attempts } = await client.tasks.attempts(args.id, { limit: ATTEMPTS_SHOWN });
    this.log(renderTask(task));
    // One that went well says nothing that the task doesn't.
    if (attempts.some(({ outcome }) => outcome !== "completed")) this.log(`\n${renderAttempts(attempts)}`);
    return { ...task, attempts };
  }
}
