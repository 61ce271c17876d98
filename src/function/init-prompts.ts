/** Asks a person at a terminal for what `prop init` was not told. */

import { messageOf } from "../errors.ts";
import { checkFunctionName } from "./function-name.ts";
import { findToolchain, toolchainNames } from "./toolchains/index.ts";

export interface ProjectAnswers {
  dir?: string | undefined;
  template?: string | undefined;
}

/** Completes what was given. The questions go to stderr: stdout is for data. */
export async function askForProject(given: ProjectAnswers): Promise<ProjectAnswers> {
  if (given.dir !== undefined && given.template !== undefined) return given;
  const { input, select } = await import("@inquirer/prompts");
  const context = { output: process.stderr };
  const dir =
    given.dir ??
    (await input({ message: "Name of the function", default: "hello", validate: isName }, context));
  const choices = toolchainNames.map((value) => ({ value, name: findToolchain(value).title }));
  const template = given.template ?? (await select({ message: "Language", choices }, context));
  return { dir, template };
}

function isName(text: string): true | string {
  try {
    checkFunctionName(text);
    return true;
  } catch (error) {
    return messageOf(error);
  }
}
