/** What a language brings: where its compiler is, and the command that makes a module of a project. */
import type { Project } from "./project.ts";

export interface Toolchain {
  /** How the language is named to people: `AssemblyScript`. */
  title: string;
  /**
   * Finds the compiler for a project.
   * @throws PropError `COMPILER_MISSING`, which says how to get it
   */
  findCompiler(project: Project, signal?: AbortSignal): Promise<Compiler>;
}

export interface Compiler {
  /** Name and version. Another one builds again. */
  version: string;
  /** The file it is, or the package. */
  path: string;
  /** The command line; it runs in the project's folder, to which `output` is relative. */
  command(output: string): CompilerCommand;
}

export interface CompilerCommand {
  file: string;
  args: string[];
  /** Goes before prop's own environment. */
  env?: Record<string, string>;
  /** Where the compiler leaves the module, relative to the project, if it can't be told to write `output`. */
  leaves?: string;
}
