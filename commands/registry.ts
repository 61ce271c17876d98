import { join } from "node:path";
import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { aborted, untilStopped } from "../src/cli/until-stopped.ts";
import { dataDir } from "../src/config/user-dirs.ts";
import { PropError } from "../src/errors.ts";
import { isLoopback } from "../src/registry/server/guard.ts";
import { createLogger } from "../src/telemetry/logger.ts";

export default class Registry extends PropCommand {
  static override summary = "Run a registry of images on this machine.";
  static override description =
    "Takes and gives images as the OCI distribution spec 1.1 has it: skopeo and other clients of that spec work with it. It runs until SIGINT or SIGTERM. On other addresses than this machine's own it asks for passwords: --htpasswd names a file that htpasswd -B writes. Blobs that no image uses, and uploads that were given up, are removed after a day.";
  static override examples = [
    "<%= config.bin %> registry",
    "<%= config.bin %> registry --port 5001 --data-dir ./images",
    "<%= config.bin %> registry --host 0.0.0.0 --htpasswd users",
  ];
  static override flags = {
    "data-dir": Flags.string({
      description: "Folder for what it keeps (default: ~/.local/share/prop/registry).",
      env: "PROP_REGISTRY_DATA",
    }),
    port: Flags.integer({
      description: "Where it listens; 0 for a free port.",
      default: 5000,
      min: 0,
      max: 65_535,
    }),
    host: Flags.string({ description: "Address that it listens on.", default: "127.0.0.1" }),
    htpasswd: Flags.string({ description: "File of users and their bcrypt hashes: who may use it." }),
    auth: Flags.option({ options: ["htpasswd", "none"] as const })({
      description: "none: everybody who reaches it may use it (default on this machine's own addresses).",
    }),
    "read-only": Flags.boolean({ description: "Take nothing new and delete nothing." }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Registry);
    const { host, port, htpasswd } = flags;
    if (flags.auth === "none" && htpasswd !== undefined) throw bothWays();
    if (
      htpasswd === undefined &&
      (flags.auth === "htpasswd" || (flags.auth === undefined && !isLoopback(host)))
    ) {
      throw noPasswords(host);
    }
    const [{ startRegistry }, { readHtpasswd }] = await Promise.all([
      import("../src/registry/server/registry.ts"),
      import("../src/registry/server/htpasswd.ts"),
    ]);
    const registry = await startRegistry({
      dir: flags["data-dir"] ?? join(dataDir(process.env), "registry"),
      host,
      port,
      readOnly: flags["read-only"],
      ...(htpasswd === undefined ? {} : { credentials: await readHtpasswd(htpasswd) }),
      log: createLogger({ level: "info", name: "registry" }),
    });
    this.log(`registry  ${registry.url}`);
    await untilStopped(async (signal) => {
      await aborted(signal);
      await registry.close();
    });
  }
}

function bothWays(): PropError {
  return new PropError({
    code: "USAGE",
    message: "--auth none and --htpasswd exclude each other",
    exitCode: 2,
  });
}

function noPasswords(host: string): PropError {
  return new PropError({
    code: "AUTH_MISSING",
    message: `a registry on ${host} needs to know who may use it`,
    hint: "Give it --htpasswd <file>, or --auth none where everybody who reaches it may.",
    exitCode: 2,
  });
}
