/** Broker, manager and proplets in one process. */
import { type Api, createApi } from "../api/server.ts";
import { type Broker, createBroker } from "../broker/broker.ts";
import { authenticateFrom } from "../broker/credentials.ts";
import { defaultChannel, defaultDomain } from "../config/peer-env.ts";
import type { Retention } from "../config/retention-flags.ts";
import { cacheDir, type Environment } from "../config/user-dirs.ts";
import { createV8Engine } from "../engine/v8/engine.ts";
import { createManager } from "../manager/create-manager.ts";
import type { Manager } from "../manager/manager.ts";
import { topicsOf } from "../protocol/topics.ts";
import { cachedBlobsDir } from "../registry/store/cache.ts";
import type { Store } from "../store/store.ts";
import { connectInProcess } from "../transport/in-process.ts";
import type { Closers } from "./closers.ts";
import type { DataDir } from "./data-dir.ts";
import type { DevEvent } from "./dev-event.ts";
import { openImages } from "./images.ts";
import { readKeys } from "./keys.ts";
import { listenOn } from "./port.ts";
import { devPropletIds, startDevProplets } from "./proplets.ts";

export interface ClusterOptions {
  proplets: number;
  /** Of the HTTP API; 7070 by default, or any free one where that is taken. */
  port?: number;
  /** Of the broker; 1883 by default, or any free one where that is taken. */
  mqttPort?: number;
  /** Servers that are asked in place of registries. */
  mirrors?: readonly string[];
  retention?: Retention;
  env: Environment;
  version: string;
  emit: (event: DevEvent) => void;
}

/** The channel that peers are on that were told no other, so that `prop proplet` joins with a key alone. */
const topics = topicsOf(defaultDomain, defaultChannel);

export interface Cluster {
  broker: Broker;
  manager: Manager;
  api: Api;
}

/**
 * Starts a cluster. It ends in this order: nobody asks any more, nothing is placed any more, what runs ends.
 * @throws PropError `PORT_TAKEN`, and those of the parts
 */
export async function startCluster(
  options: ClusterOptions,
  { dataDir, store, closers }: { dataDir: DataDir; store: Store; closers: Closers },
): Promise<Cluster> {
  // What is recovered of an earlier run is no news: warnings count from then on.
  let isUp = false;
  const error = (message: string): void => options.emit({ type: "warning", message });
  const log = { debug: noop, info: noop, warn: (message: string) => isUp && error(message), error };
  const { mirrors = [], env } = options;
  const images = await openImages({ dir: cachedBlobsDir(cacheDir(env)), mirrors, env, log });
  closers.add(() => images.close());
  const broker = await startBroker(options, dataDir);
  closers.add(() => broker.close());
  const engine = createV8Engine({ minWorkers: 1 });
  closers.add(() => engine.close());
  const transport = connectInProcess(broker, { clientId: "manager" });
  closers.add(() => transport.close());

  const manager = await createManager({ store, transport, topics, images, log, ...options.retention });
  const { proplets: count, version } = options;
  const proplets = startDevProplets({ count, broker, engine, dataDir, topics, version, log });
  // A failure of theirs is told where they are awaited, unless something else failed before.
  closers.add(() => proplets.then(({ close }) => close(), noop));
  closers.add(() => manager.close());
  const api = await startApi(options, manager);
  closers.add(() => api.close());
  await proplets;
  isUp = true;
  return { broker, manager, api };
}

async function startBroker({ proplets, mqttPort, emit }: ClusterOptions, dataDir: DataDir): Promise<Broker> {
  const keys = await readKeys(dataDir.keysPath, devPropletIds(proplets));
  const start = (port: number) =>
    createBroker({
      port,
      baseTopic: topics.base,
      authenticate: authenticateFrom(keys),
      onWarning: ({ message }) => emit({ type: "warning", message }),
    });
  return await listenOn({ asked: mqttPort, usual: 1883 }, start, (from, to) =>
    emit({ type: "port_moved", what: "broker", from, to }),
  );
}

function startApi({ port, version, emit }: ClusterOptions, manager: Manager) {
  return listenOn(
    { asked: port, usual: 7070 },
    (port) => createApi({ manager, port, version }),
    (from, to) => emit({ type: "port_moved", what: "HTTP API", from, to }),
  );
}

function noop(): void {}
