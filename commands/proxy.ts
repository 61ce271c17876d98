import { join } from "node:path";
import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { untilStopped } from "../src/cli/until-stopped.ts";
import { peerFlags, peerSettings } from "../src/config/peer-env.ts";
import { mirrorEntries, registryFlags } from "../src/config/registry-flags.ts";
import { cacheDir } from "../src/config/user-dirs.ts";
import { openImages } from "../src/dev/images.ts";
import { CHUNK_BYTES } from "../src/protocol/chunks.ts";
import { serveProxy } from "../src/proxy/serve.ts";
import { createLogger } from "../src/telemetry/logger.ts";

export default class RunProxy extends PropCommand {
  static override summary = "Bring devices the images of registries, over MQTT.";
  static override description =
    "Answers every proplet of its channel that asks for an image: pulls it once, checks it, and sends it in chunks. A manager with --pull-images needs none. PROXY_REGISTRY_URL with PROXY_REGISTRY_USERNAME and PROXY_REGISTRY_PASSWORD, or with PROXY_REGISTRY_TOKEN, is the login of a registry. It runs until SIGINT or SIGTERM.";
  static override usage = "proxy [flags]";
  static override examples = [
    "<%= config.bin %> proxy",
    "<%= config.bin %> proxy --mqtt-address tcp://broker.example:1883 --domain d --channel c --id proxy --key s3cret",
    "<%= config.bin %> proxy --registry-mirror docker.io=http://127.0.0.1:5000",
  ];
  static override flags = {
    ...peerFlags("proxy"),
    "chunk-size": Flags.integer({
      description: "Bytes of module in a chunk.",
      env: "PROXY_CHUNK_SIZE",
      default: CHUNK_BYTES,
      min: 256,
      max: 16_000_000,
    }),
    cache: Flags.string({
      description: "Folder for modules (default: ~/.cache/prop/images).",
      env: "PROXY_CACHE",
    }),
    ...registryFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunProxy);
    const { entityId = "proxy", ...settings } = await peerSettings("proxy", flags);
    const log = createLogger({ level: flags["log-level"], name: "proxy" });
    const images = await openImages({
      dir: flags.cache ?? join(cacheDir(process.env), "images"),
      mirrors: mirrorEntries(flags["registry-mirror"], process.env),
      env: process.env,
      log,
    });
    const options = { ...settings, id: entityId, images, chunkBytes: flags["chunk-size"], log };
    try {
      await untilStopped((signal) => serveProxy({ ...options, signal }));
    } finally {
      images.close();
    }
  }
}
