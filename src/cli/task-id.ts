/** The argument that names a task. */
import { Args } from "@oclif/core";
import { PropError } from "../errors.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For the commands that are about one task. */
export const taskIdArg = {
  id: Args.string({
    description: "Id of the task, as prop tasks list shows it.",
    required: true,
    ignoreStdin: true,
    parse: async (text) => checkTaskId(text),
  }),
};

/** @throws PropError `TASK_ID_INVALID` */
export function checkTaskId(text: string): string {
  if (uuid.test(text)) return text;
  throw new PropError({
    code: "TASK_ID_INVALID",
    message: `"${text}" is not a task's id`,
    hint: "Ids are UUIDs. See: prop tasks list",
    exitCode: 2,
  });
}
