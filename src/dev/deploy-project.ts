/** Builds a project and hands it to the manager of this process, each time it changes. */
import { createHash } from "node:crypto";
import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PropError } from "../errors.ts";
import { type BuildResult, buildProject } from "../function/build.ts";
import { type Deployment, deploymentOfProject } from "../function/deploy.ts";
import { loadProject } from "../function/load-project.ts";
import type { Manager } from "../manager/manager.ts";
import type { FunctionRecord } from "../model/function.ts";
import { isEnded } from "../model/task-state.ts";
import type { DevEvent } from "./dev-event.ts";

export interface BuildContext {
  dir: string;
  signal: AbortSignal;
  emit: (event: DevEvent) => void;
}

/** Builds the project; undefined where that failed, which is told, or was aborted. */
export function buildForDev({ dir, signal, emit }: BuildContext): Promise<Deployment | undefined> {
  const decoder = new TextDecoder();
  const onOutput = (chunk: Uint8Array) =>
    emit({ type: "compiler", text: decoder.decode(chunk, { stream: true }) });
  return told({ signal, emit }, async () => {
    const project = await loadProject(dir);
    const built = await buildProject(project, { signal, onOutput });
    if (built.rebuilt) emit(builtEvent(dir, built));
    return await deploymentOfProject(project, built);
  });
}

/** Deploys what was built, unless the manager has just that. What fails is told; the revision before then stays. */
export async function deployForDev(
  manager: Manager,
  deployment: Deployment,
  { signal, emit }: Omit<BuildContext, "dir">,
): Promise<void> {
  await told({ signal, emit }, async () => {
    const { name, input, sampleInputs } = deployment;
    const current = await currentRevision(manager, deployment);
    const { revision } = current ?? (await manager.functions.deploy(name, input));
    emit({ type: "deployed", name, revision, unchanged: current !== undefined, sample_inputs: sampleInputs });
  });
}

/** The function's record, where it is what `deployment` would make it. */
async function currentRevision(
  { functions, tasks }: Manager,
  { name, input }: Deployment,
): Promise<FunctionRecord | undefined> {
  const record = (await functions.list()).find((found) => found.name === name);
  if (record === undefined) return undefined;
  const { state, module, cli_args, env, limits } = await tasks.get(record.task_id);
  if (isEnded(state)) return undefined;
  const now = { digest: module?.digest, cli_args: cli_args ?? [], env: env ?? {}, limits: limits ?? {} };
  const wanted = {
    digest: digestOf(input.file ?? ""),
    cli_args: input.cli_args ?? [],
    env: input.env ?? {},
    limits: input.limits ?? {},
  };
  return isDeepStrictEqual(now, wanted) ? record : undefined;
}

async function told<T>(
  { signal, emit }: Omit<BuildContext, "dir">,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof PropError)) throw error;
    const { code, message, hint } = error;
    emit({ type: "error", code, message, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

function builtEvent(dir: string, { path, sizeBytes }: BuildResult): DevEvent {
  return { type: "built", file: relative(dir, path), size_bytes: sizeBytes };
}

function digestOf(base64: string): string {
  return `sha256:${createHash("sha256").update(Buffer.from(base64, "base64")).digest("hex")}`;
}
