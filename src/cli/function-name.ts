/** The argument that names a deployed function. */
import { Args } from "@oclif/core";

export const functionNameArg = {
  name: Args.string({
    description: "Name of the function, as prop functions list shows it.",
    required: true,
    ignoreStdin: true,
  }),
};
