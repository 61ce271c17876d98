import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { PropError } from "../../src/errors.ts";
import { parseAssignments } from "../../src/function/assignments.ts";
import { readModuleFile } from "../../src/function/deploy.ts";
import { parseDuration, parseSize } from "../../src/function/quantities.ts";
import type { TaskInput } from "../../src/model/task.ts";

export default class TasksCreate extends PropCommand {
  static override summary = "Describe a task: one run of a module.";
  static override description =
    "Prints its id. It runs once it is started; --start does so at once. Everything after -- is input.";
  static override usage = "tasks create <name> [inputs…] [flags]";
  static override examples = [
    "<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --start",
    "<%= config.bin %> tasks create add 2 3 --file build/hello.wasm --timeout 10s --memory 64MiB --json",
    "<%= config.bin %> tasks create later --priority 80",
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
    file: Flags.string({ char: "f", description: "The module: a .wasm file.", exclusive: ["image"] }),
    image: Flags.string({ description: "The module: an OCI reference or an http(s) URL." }),
    invoke: Flags.string({ description: "Exported function to call." }),
    env: Flags.string({
      description: "Environment variable for the module, NAME=value.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    timeout: Flags.string({ description: "Stop the function after this time: 500ms, 10s, 2m." }),
    memory: Flags.string({ description: "Memory the function may have: 64MiB, 1GiB." }),
    proplet: Flags.string({ description: "Id of the only proplet that may run it." }),
    priority: Flags.integer({ description: "0 to 100; more goes first (default: 50).", min: 0, max: 100 }),
    daemon: Flags.boolean({ description: "It runs until it is stopped." }),
    start: Flags.boolean({ description: "Start it at once." }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(TasksCreate);
    const [name, ...inputs] = [args.task].flat();
    if (name === undefined || name === "") throw missingName();
    const { env, timeout, memory } = flags;
    const input: TaskInput = {
      name,
      ...(inputs.length === 0 ? {} : { inputs }),
      ...(flags.file === undefined ? {} : { file: (await readModuleFile(flags.file)).toString("base64") }),
      ...(flags.image === undefined ? {} : { image_url: flags.image }),
      ...(flags.invoke === undefined ? {} : { cli_args: ["--invoke", flags.invoke] }),
      ...(env === undefined ? {} : { env: parseAssignments(env, "--env") }),
      ...(flags.proplet === undefined ? {} : { proplet_id: flags.proplet }),
      ...(flags.priority === undefined ? {} : { priority: flags.priority }),
      ...(flags.daemon ? { daemon: true } : {}),
      limits: {
        ...(timeout === undefined ? {} : { wall_time_ms: parseDuration(timeout) }),
        ...(memory === undefined ? {} : { memory_bytes: parseSize(memory) }),
      },
    };
    const { client } = await connect(flags);
    const task = await client.tasks.create(input, { start: flags.start });
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
