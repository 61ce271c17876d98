import { hostname } from "node:os";
import { join } from "node:path";
import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { untilStopped } from "../src/cli/until-stopped.ts";
import { capacityFlags } from "../src/config/capacity-flags.ts";
import { durationFlag, peerFlags, peerSettings } from "../src/config/peer-env.ts";
import { dataDir } from "../src/config/user-dirs.ts";
import { hostCapacity } from "../src/proplet/host-capacity.ts";
import { hostMetadata } from "../src/proplet/host-metadata.ts";
import { ownId } from "../src/proplet/own-id.ts";
import { serveProplet } from "../src/proplet/serve.ts";
import { createLogger } from "../src/telemetry/logger.ts";

export default class Proplet extends PropCommand {
  static override summary = "Run a worker on this machine.";
  static override description =
    "Connects to a broker, takes tasks from the manager of its channel, runs their modules and reports the results. It runs until SIGINT or SIGTERM, hands back what has not begun, gives what runs the grace to end, hands back the rest, and keeps results that the manager has not confirmed for its next start. A second signal ends it at once.";
  static override usage = "proplet [flags]";
  static override examples = [
    "<%= config.bin %> proplet",
    "<%= config.bin %> proplet --mqtt-address tcp://broker.example:1883 --domain d --channel c --id p1 --key s3cret",
    "$ PROPLET_MQTT_ADDRESS=mqtts://broker.example:8883 <%= config.bin %> proplet --slots 8 --tags gpu,edge",
    "<%= config.bin %> proplet --device-type raspberry-pi --capability sensor --memory 512Mi --cpu 2",
  ];
  static override flags = {
    ...peerFlags("proplet"),
    data: Flags.string({
      description: "Folder for results and modules (default: ~/.local/share/prop/proplet/<id>).",
      env: "PROPLET_DATA",
    }),
    ...capacityFlags,
    "liveliness-interval": durationFlag({
      description: "Between two heartbeats (default: 10s).",
      env: "PROPLET_LIVELINESS_INTERVAL",
    }),
    "metrics-interval": durationFlag({
      description: "Between two reports of what this process uses (default: 10s).",
      env: "PROPLET_METRICS_INTERVAL",
    }),
    description: Flags.string({ description: "What this proplet is.", env: "PROPLET_DESCRIPTION" }),
    tags: Flags.string({ description: "Words to choose it by, with commas: gpu,edge.", env: "PROPLET_TAGS" }),
    location: Flags.string({ description: "Where it stands.", env: "PROPLET_LOCATION" }),
    grace: durationFlag({ description: "What runs may take to end (default: 10s).", env: "PROPLET_GRACE" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Proplet);
    const { entityId, ...settings } = await peerSettings("proplet", flags);
    const folder = flags.data ?? join(dataDir(process.env), "proplet", entityId ?? hostname());
    const tags = flags.tags?.split(",").map((tag) => tag.trim());
    const metadata = hostMetadata(this.config.version, {
      ...(flags.description && { description: flags.description }),
      ...(tags && { tags: tags.filter((tag) => tag !== "") }),
      ...(flags.location && { location: flags.location }),
    });
    const options = {
      ...settings,
      id: entityId ?? (await ownId(folder)),
      metadata,
      dataDir: folder,
      graceMs: flags.grace ?? 10_000,
      log: createLogger({ level: flags["log-level"], name: "proplet" }),
      capacity: hostCapacity(
        {
          slots: flags.slots,
          cpuMillis: flags.cpu,
          memoryBytes: flags.memory,
          type: flags.type,
          deviceType: flags["device-type"],
          capabilities: flags.capability ?? [],
        },
        process.env,
      ),
      ...(flags["liveliness-interval"] && { livelinessIntervalMs: flags["liveliness-interval"] }),
      ...(flags["metrics-interval"] && { metricsIntervalMs: flags["metrics-interval"] }),
    };
    await untilStopped((signal) => serveProplet({ ...options, signal }));
  }
}
