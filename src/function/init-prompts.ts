/** Asks a person at a terminal for what `prop init` was not told. */

import { messageOf } from "../errors.ts";
import { checkFunctionName } from "./function-name.ts";
import { type FunctionKind, kindTitles } from "./kind.ts";
import { templateKinds } from "./scaffold.ts";
import { findToolchain, toolchainNames } from "./toolchains/index.ts";

export interface ProjectAnswers {
  dir?: string | undefined;
  template?: string | undefined;
  kind?: FunctionKind | undefined;
}

/** Completes what was given. The questions go to stderr: stdout is for data. */
export async function askForProject(given: ProjectAnswers): Promise<ProjectAnswers> {
  if (given.dir !== undefined && given.template !== undefined && given.kind !== undefined) return given;
  const { input, select } = await import("@inquirer/prompts");
  const context = { output: process.stderr };
  const dir =
    given.dir ??
    (await input({ message: "Name of the function", default: "hello", validate: isName }, context));
  const choices = toolchainNames.map((value) => ({ value, name: findToolchain(value).title }));
  const template = given.template ?? (await select({ message: "Language", choices }, context));
  const kinds = templateKinds(template).map((value) => ({ value, name: kindTitles[value] }));
  const kind = given.kind ?? (await select({ message: "Kind", choices: kinds }, context));
  return { dir, template, kind };
}

function isName(text: string): true | string {
  try {
    checkFunctionName(text);
    return true;
  } catch (error) {
    return messageOf(error);
  }
}
