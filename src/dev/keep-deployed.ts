/** Keeps what is deployed what the project's files say. */
import type { Project } from "../function/project.ts";
import type { Manager } from "../manager/manager.ts";
import { type BuildContext, buildForDev, deployForDev } from "./deploy-project.ts";
import { type ProjectWatch, watchProject } from "./watch-project.ts";

export interface KeptDeployed {
  /** Resolves when the first build is deployed or has failed. */
  deployed: Promise<void>;
  /** Resolves when nothing of it goes on. The context's signal ends what is under way. */
  close(): Promise<void>;
}

/**
 * Builds and deploys the project, and again after each change of its files. A build that fails changes nothing.
 * @param manager where to deploy; undefined where there will be none. Building and watching don't wait for it.
 */
export function keepDeployed(
  manager: Promise<Manager | undefined>,
  project: Project,
  context: BuildContext,
): KeptDeployed {
  const { emit, signal } = context;
  const deploy = async (): Promise<void> => {
    const deployment = await buildForDev(context);
    const ready = await manager;
    if (deployment !== undefined && ready !== undefined) await deployForDev(ready, deployment, context);
  };
  const deployed = deploy();
  const onChange = async (): Promise<void> => {
    await deployed;
    if (!signal.aborted) await deploy();
  };
  const watching: Promise<ProjectWatch> = watchProject(project, onChange, (message) =>
    emit({ type: "warning", message }),
  );
  return {
    deployed,
    async close() {
      await deployed;
      await (await watching).close();
    },
  };
}
