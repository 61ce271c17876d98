import { Args } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { uuidArg } from "../../src/cli/uuid-arg.ts";
import { sizeText } from "../../src/engine/size-text.ts";
import { readModuleFile } from "../../src/function/deploy.ts";

export default class TasksUpload extends PropCommand {
  static override summary = "Give a task its module.";
  static override description = "Replaces the one it has. At most 100 MB.";
  static override examples = [
    "<%= config.bin %> tasks upload 5f0b4a1e-0c5e-4c55-9d5e-0e8b5b3d8a11 build/hello.wasm",
  ];
  static override enableJsonFlag = true;
  static override args = {
    ...uuidArg("task"),
    file: Args.string({ description: "A .wasm file.", required: true, ignoreStdin: true }),
  };
  static override flags = targetFlag;

  async run() {
    const { args, flags } = await this.parse(TasksUpload);
    const bytes = await readModuleFile(args.file);
    const { client } = await connect(flags);
    const task = await client.tasks.upload(args.id, bytes);
    this.talk(`Uploaded ${args.file} (${sizeText(bytes.length)}) to task ${task.name}.`);
    return task;
  }
}
