/** `prop dev`: a whole cluster in this process, and the project of this folder deployed on each change. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DevRecord, removeDevRecord, writeDevRecord } from "../config/dev-record.ts";
import { loadProject } from "../function/load-project.ts";
import type { Manager } from "../manager/manager.ts";
import { type Closers, createClosers } from "./closers.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { type DataDir, openDataDir } from "./data-dir.ts";
import { type DevRegistryOptions, startDevRegistry } from "./dev-registry.ts";
import { tellInvocations } from "./invocation-events.ts";
import { keepDeployed } from "./keep-deployed.ts";
import { checkNotRunning, openDevStore } from "./one-at-a-time.ts";

export interface DevOptions extends ClusterOptions, DevRegistryOptions {
  /** Absolute path of the data folder, or "ephemeral": a temporary one. */
  dataDir: string | "ephemeral";
  /** Deployed where it holds a `prop.toml`. */
  projectDir: string;
}

export interface Dev {
  record: DevRecord;
  /** Resolves when the first build of the project is deployed or has failed; at once where there is no project. */
  deployed: Promise<void>;
  /** Ends all of it. What was acknowledged is on disk. */
  close(): Promise<void>;
}

/**
 * Starts a whole cluster in this process.
 * @throws PropError `PROP_TOML_INVALID`, `DEV_RUNNING` where another process uses the data folder, `PORT_TAKEN` where
 *   a port that was asked for is, and those of the parts
 */
export async function startDev(options: DevOptions): Promise<Dev> {
  const closers = createClosers();
  try {
    return await compose(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function compose(options: DevOptions, closers: Closers): Promise<Dev> {
  const { emit, env, projectDir } = options;
  const project = existsSync(join(projectDir, "prop.toml")) ? await loadProject(projectDir) : undefined;
  if (options.dataDir !== "ephemeral") await checkNotRunning(options.dataDir);
  const dataDir = await openDataDir(options.dataDir);
  closers.add(dataDir.release);
  const store = await openDevStore(dataDir);
  closers.add(() => store.close());

  const closing = new AbortController();
  const manager = Promise.withResolvers<Manager | undefined>();
  const kept =
    project && keepDeployed(manager.promise, project, { dir: projectDir, signal: closing.signal, emit });
  closers.add(() => {
    closing.abort();
    manager.resolve(undefined);
    return kept?.close();
  });
  // Beside the cluster: nothing of it waits for the registry.
  const starting = startDevRegistry(options, dataDir.path);
  const started = starting.catch(noop);
  closers.add(async () => (await started)?.close());
  const cluster = await startCluster(options, { dataDir, store, closers });
  const registry = await starting;
  closers.add(tellInvocations(cluster.manager, emit));

  const record = recordOf(cluster, registry.host, dataDir);
  await writeDevRecord(record, env);
  closers.add(() => removeDevRecord(record, env));
  emit({
    type: "listening",
    record,
    proplets: options.proplets,
    ephemeral: options.dataDir === "ephemeral",
  });
  manager.resolve(cluster.manager);
  // First of all, so that a build or a deployment under way holds nothing up.
  closers.add(() => closing.abort());
  return { record, deployed: kept?.deployed ?? Promise.resolve(), close: () => closers.close() };
}

function recordOf({ broker, manager, api }: Cluster, registry: string, dataDir: DataDir): DevRecord {
  return {
    pid: process.pid,
    url: api.url,
    mqtt: `mqtt://${broker.host}:${broker.port}`,
    registry,
    instanceId: manager.instanceId,
    dataDir: dataDir.path,
    startedAt: new Date().toISOString(),
  };
}

/** Why it did not start is told where it is awaited, unless something else failed before. */
function noop(): void {}
