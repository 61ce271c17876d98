/** The argument that names a proplet. */
import { Args } from "@oclif/core";

export const propletIdArg = {
  id: Args.string({
    description: "Id of the proplet, as prop proplets list shows it.",
    required: true,
    ignoreStdin: true,
  }),
};
