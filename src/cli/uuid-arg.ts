/** The argument that names a task, a job or a workflow. */
import { Args } from "@oclif/core";
import { PropError } from "../errors.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For the commands that are about one of them. Its parser throws `ID_INVALID`, with no request made. */
export function uuidArg(what: "task" | "job" | "workflow") {
  return {
    id: Args.string({
      description: `Id of the ${what}, as prop ${what}s list shows it.`,
      required: true,
      ignoreStdin: true,
      parse: async (text) => {
        if (uuid.test(text)) return text;
        throw new PropError({
          code: "ID_INVALID",
          message: `"${text}" is not a ${what}'s id`,
          hint: `Ids are UUIDs. See: prop ${what}s list`,
          exitCode: 2,
        });
      },
    }),
  };
}
