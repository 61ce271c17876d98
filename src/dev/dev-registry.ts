/** The registry inside `prop dev`: its images lie in the data folder. */
import { join } from "node:path";
import type { Registry } from "../registry/server/registry.ts";
import type { DevEvent } from "./dev-event.ts";
import { listenOn } from "./port.ts";

export interface DevRegistryOptions {
  /** 5000 by default, or any free one where that is taken. */
  registryPort?: number;
  emit: (event: DevEvent) => void;
}

/** @throws PropError `PORT_TAKEN` */
export async function startDevRegistry(options: DevRegistryOptions, dataDir: string): Promise<Registry> {
  const { registryPort, emit } = options;
  const { startRegistry } = await import("../registry/server/registry.ts");
  const log = {
    info: () => undefined,
    error: (message: string) => emit({ type: "warning", message: `registry: ${message}` }),
  };
  const start = (port: number) =>
    startRegistry({ dir: join(dataDir, "registry"), host: "127.0.0.1", port, log });
  return await listenOn({ asked: registryPort, usual: 5000 }, start, (from, to) =>
    emit({ type: "port_moved", what: "registry", from, to }),
  );
}
