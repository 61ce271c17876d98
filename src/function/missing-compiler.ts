/** Tells at `prop init`, before the first build does, that a compiler still has to be got. */
import { PropError } from "../errors.ts";
import { loadProject } from "./load-project.ts";
import { findToolchain } from "./toolchains/index.ts";

/** The error that a build in `dir` would end with for want of its compiler, if it would. */
export async function findMissingCompiler(dir: string): Promise<PropError | undefined> {
  const project = await loadProject(dir);
  try {
    await findToolchain(project.toolchain).findCompiler(project);
    return undefined;
  } catch (error) {
    if (error instanceof PropError && error.code === "COMPILER_MISSING") return error;
    throw error;
  }
}
