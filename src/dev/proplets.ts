/** The proplets of `prop dev`: several in one process, on one engine and one folder of modules. */
import { arch, hostname, platform, totalmem } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { hostCapacity } from "../proplet/host-capacity.ts";
import { createProplet, type Proplet } from "../proplet/proplet.ts";
import type { Topics } from "../protocol/topics.ts";
import { createContentStore } from "../registry/store/content-store.ts";
import type { Log } from "../telemetry/logger.ts";
import { connectInProcess, type LocalBroker } from "../transport/in-process.ts";
import type { DataDir } from "./data-dir.ts";

export interface DevPropletsOptions {
  count: number;
  broker: LocalBroker;
  engine: Engine;
  dataDir: DataDir;
  topics: Topics;
  version: string;
  log: Log;
}

export interface DevProplets {
  close(): Promise<void>;
}

/** What runs may take to end by themselves when `prop dev` is told to stop. */
const graceMs = 200;

/** The ids of so many proplets: `proplet-1`, `proplet-2`. */
export function devPropletIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `proplet-${index + 1}`);
}

/** Starts proplets, and resolves when all have announced themselves. */
export async function startDevProplets(options: DevPropletsOptions): Promise<DevProplets> {
  const contentStore = createContentStore(join(options.dataDir.path, "modules"));
  const started: (() => Promise<void>)[] = [];
  for (const id of devPropletIds(options.count)) started.push(await startOne(id, contentStore, options));
  return {
    async close() {
      await Promise.all(started.map((close) => close()));
    },
  };
}

async function startOne(
  id: string,
  contentStore: ReturnType<typeof createContentStore>,
  { broker, engine, dataDir, topics, version, log }: DevPropletsOptions,
): Promise<() => Promise<void>> {
  const transport = connectInProcess(broker, { clientId: id });
  const proplet: Proplet = await createProplet({
    id,
    transport,
    engine,
    contentStore,
    dataDir: dataDir.propletPath(id),
    topics,
    metadata: {
      description: "in prop dev",
      environment: "development",
      os: platform(),
      hostname: hostname(),
      cpu_arch: arch(),
      total_memory_bytes: totalmem(),
      proplet_version: version,
      wasm_runtime: "v8",
    },
    // They share one machine: each may be given all of it, as it is for one that runs alone.
    capacity: hostCapacity({}, process.env),
    log,
  });
  return async () => {
    await proplet.close({ graceMs });
    await transport.close();
  };
}
