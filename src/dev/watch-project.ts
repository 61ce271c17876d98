/** Tells of changes to a project's files, several at a time as one. */
import { watch } from "chokidar";
import { messageOf } from "../errors.ts";
import type { Project } from "../function/project.ts";
import { watchedPaths } from "../function/source-tree.ts";

/** Editors save in several steps, some by a new file in place of the old; what follows within this time is one change. */
const quietMs = 50;

export interface ProjectWatch {
  close(): Promise<void>;
}

/**
 * Calls `onChange` after each change of a project's files, never twice at a time: changes that come while it runs are
 * one more call after it. Resolves once changes are seen.
 */
export async function watchProject(
  project: Project,
  onChange: () => Promise<void>,
  onWarning: (message: string) => void,
): Promise<ProjectWatch> {
  const { path, ignored } = watchedPaths(project);
  const watcher = watch(path, { ignored, ignoreInitial: true, atomic: false });
  const ready = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let isPending = false;

  function changed(): void {
    clearTimeout(timer);
    timer = setTimeout(run, quietMs);
  }

  function run(): void {
    if (isPending) return;
    isPending = true;
    running = running.then(() => {
      isPending = false;
      return onChange();
    });
  }

  watcher
    .on("all", changed)
    .on("ready", () => ready.resolve())
    .on("error", (error) => onWarning(`${path} is not watched any more: ${messageOf(error)}`));
  await ready.promise;
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
      await running;
    },
  };
}
