/** What to do with a project that was just started. */
import { exampleRuns, type FunctionKind } from "./kind.ts";

/**
 * The lines to show.
 * @param folder of the project, relative to the current one; "" where it is that
 * @param toInstall whether its npm packages are still to be installed
 */
export function nextSteps(folder: string, toInstall: boolean, kind: FunctionKind = "function"): string[] {
  const quoted = /^[\w./-]+$/.test(folder) ? folder : `"${folder}"`;
  return [
    ...(folder === "" ? [] : [`cd ${quoted}`]),
    ...(toInstall ? ["npm install"] : []),
    "prop dev          # a whole cluster on this machine; rebuilds on every change",
    "prop build        # the module, with its size and exports",
    `${exampleRuns[kind]}    # once, here`,
  ];
}
