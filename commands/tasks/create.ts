import { Args } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { placementFlags, placementOf } from "../../src/cli/placement-flags.ts";
import { namingSchedule, scheduleFlags, scheduleOf } from "../../src/cli/schedule-flags.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { taskFlags, taskOf } from "../../src/cli/task-flags.ts";
import { PropError } from "../../src/errors.ts";
import type { TaskInput } from "../../src/model/task.ts";

export default class TasksCreate extends PropCommand {
  static override summary = "Describe a task: one run of a module.";
  static override description =
    "Prints its id. It runs once it is started; --start does so at once. Everything after -- is input.";
  static override usage = "tasks create <name> [inputs…] [flags]";
  static override examples = [
    "<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --start",
    "<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --timeout 10s --memory 64MiB --json",
    "<%= config.bin %> tasks create later --priority 80 # its module comes with: prop tasks upload",
    "<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --tag edge --request-memory 64Mi --start",
    '<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --schedule "0 9 * * MON-FRI" --timezone Europe/Madrid',
  ];
  static override enableJsonFlag = true;
  static override args = {
    task: Args.string({
      description:
        "Name of the task, then the inputs of its function. The name is also the function's, without --invoke.",
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...taskFlags,
    ...placementFlags,
    ...scheduleFlags,
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(TasksCreate);
    const [name, ...inputs] = [args.task].flat();
    if (name === undefined || name === "") throw missingName();
    if (flags.start && flags.file === undefined && flags.image === undefined) throw missingModule();
    const input: TaskInput = {
      name,
      ...(inputs.length === 0 ? {} : { inputs }),
      ...(await taskOf(flags)),
      ...placementOf(flags),
      ...scheduleOf(flags),
    };
    const { client } = await connect(flags);
    const task = await client.tasks.create(input, { start: flags.start }).catch((error: unknown) => {
      throw namingSchedule(error);
    });
    this.log(task.id);
    return task;
  }
}

function missingName(): PropError {
  return new PropError({
    code: "USAGE",
    message: "what is the task called?",
    hint: "Name it: prop tasks create add 2 3 --file build/hello.wasm --start",
    exitCode: 2,
  });
}

function missingModule(): PropError {
  return new PropError({
    code: "USAGE",
    message: "--start needs to know what to run",
    hint: "Add --file build/hello.wasm or --image with a reference; or leave --start out, and follow with prop tasks upload and prop tasks start.",
    exitCode: 2,
  });
}
