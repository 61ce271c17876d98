/** A whole system of processes to break: Mosquitto, a manager, proplets. */
import { join } from "node:path";
import { type Client, createClient } from "../../src/api/client.ts";
import { lastingPort } from "../support/free-port.ts";
import { startMosquitto } from "../support/mosquitto.ts";
import { createPart, type Part, type Run } from "./part.ts";

export interface System {
  client: Client;
  manager: Part;
  proplets: readonly Part[];
  broker: { kill(): Promise<void>; start(): Promise<void> };
  /** Every start of a module that a proplet told of. */
  runs: readonly Run[];
  close(): Promise<void>;
}

export interface SystemOptions {
  binary: string;
  directory: string;
  proplets: number;
  /** Whether the broker remembers its sessions over a crash, as of up to a second before. */
  keepsSessions: boolean;
}

/** Resolves when all of it is ready. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { binary, directory, proplets: count, keepsSessions } = options;
  const mosquitto = await startMosquitto({ binary, keepsSessions });
  const port = await lastingPort();
  const runs: Run[] = [];
  const peer = (name: string) => [
    ...["--mqtt-address", mosquitto.address, "--domain", "lab", "--channel", "chaos"],
    ...["--id", name, "--data", join(directory, name), "--log-level", "debug"],
  ];
  const limits = ["--offline-threshold", "4s", "--accept-timeout", "2s", "--max-attempts", "100"];
  const manager = createPart({
    name: "m",
    cwd: directory,
    args: ["manager", ...peer("m"), "--http-port", String(port), ...limits],
  });
  const proplets = Array.from({ length: count }, (_, index) => {
    const name = `p${index + 1}`;
    const args = ["proplet", ...peer(name), "--slots", "4", "--liveliness-interval", "1s"];
    return createPart({ name, cwd: directory, args, onRun: (run) => runs.push(run) });
  });
  const parts = [manager, ...proplets];
  for (const part of parts) part.start();
  await Promise.all(parts.map((part) => part.ready()));
  return {
    client: createClient({ url: `http://127.0.0.1:${port}` }),
    manager,
    proplets,
    broker: { kill: () => mosquitto.kill(), start: () => mosquitto.restart() },
    runs,
    async close() {
      await Promise.all(parts.map((part) => part.kill()));
      await mosquitto.stop();
    },
  };
}
