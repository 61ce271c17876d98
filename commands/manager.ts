import { join } from "node:path";
import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { untilStopped } from "../src/cli/until-stopped.ts";
import { durationFlag, peerFlags, peerSettings } from "../src/config/peer-env.ts";
import { dataDir } from "../src/config/user-dirs.ts";
import { createLogger } from "../src/telemetry/logger.ts";

export default class Manager extends PropCommand {
  static override summary = "Run a manager on this machine, for a broker elsewhere.";
  static override description =
    "Places tasks on the proplets of its channel, and serves the HTTP API that commands and clients use. It runs until SIGINT or SIGTERM; tasks go on meanwhile. A broker that can't be reached is tried until it answers. The API has no login: listen on other addresses than 127.0.0.1 only behind something that has.";
  static override examples = [
    "<%= config.bin %> manager",
    "<%= config.bin %> manager --mqtt-address tcp://broker.example:1883 --domain d --channel c --id m1 --key s3cret",
    "MANAGER_HTTP_PORT=8080 <%= config.bin %> manager --log-level debug",
  ];
  static override flags = {
    ...peerFlags("manager"),
    "http-host": Flags.string({
      description: "Address that the HTTP API listens on.",
      env: "MANAGER_HTTP_HOST",
      default: "127.0.0.1",
    }),
    "http-port": Flags.integer({
      description: "Port of the HTTP API; 0 for any free one.",
      env: "MANAGER_HTTP_PORT",
      default: 7070,
      min: 0,
      max: 65_535,
    }),
    data: Flags.string({
      description: "Folder for what it remembers (default: ~/.local/share/prop/manager).",
      env: "MANAGER_DATA",
    }),
    "offline-threshold": durationFlag({
      description: "A proplet that is silent for longer is taken for gone (default: 25s).",
      env: "OFFLINE_THRESHOLD",
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Manager);
    const settings = await peerSettings("manager", flags);
    const { serveManager } = await import("../src/dev/serve-manager.ts");
    const offlineThresholdMs = flags["offline-threshold"];
    const options = {
      ...settings,
      http: { host: flags["http-host"], port: flags["http-port"] },
      dataDir: flags.data ?? join(dataDir(process.env), "manager"),
      ...(offlineThresholdMs === undefined ? {} : { offlineThresholdMs }),
      version: this.config.version,
      log: createLogger({ level: flags["log-level"], name: "manager" }),
    };
    await untilStopped((signal) => serveManager({ ...options, signal }));
  }
}
