/** The hook oclif calls for a command that doesn't exist: names the nearest one. */
import type { Hook } from "@oclif/core";
import { PropError } from "../errors.ts";
import { renderError } from "./command.ts";
import { nearest } from "./nearest.ts";

const notFound: Hook.CommandNotFound = async ({ id, config }) => {
  const words = id.split(":");
  const known = [
    ...config.commands.filter(({ hidden }) => !hidden).flatMap(({ id, aliases }) => [id, ...aliases]),
    ...config.topics.filter(({ hidden }) => !hidden).map(({ name }) => name),
  ].map((name) => name.replaceAll(":", " "));
  const found = nearest(words.join(" "), known) ?? nearest(words[0] ?? "", known);
  const error = new PropError({
    code: "COMMAND_NOT_FOUND",
    message: `prop has no command "${words.join(" ")}"`,
    hint: found === undefined ? "See: prop --help" : `Did you mean: prop ${found}`,
    exitCode: 2,
  });
  process.stderr.write(renderError(error));
  process.exit(error.exitCode);
};

export default notFound;
