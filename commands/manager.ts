import { join } from "node:path";
import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { policyNames } from "../src/cli/placement-flags.ts";
import { untilStopped } from "../src/cli/until-stopped.ts";
import { attemptFlags, attemptSettings } from "../src/config/attempt-flags.ts";
import { httpFlags, httpSettings } from "../src/config/http-flags.ts";
import { peerFlags, peerSettings } from "../src/config/peer-env.ts";
import { imagesFrom, pullFlags } from "../src/config/registry-flags.ts";
import { retentionFlags, retentionOf } from "../src/config/retention-flags.ts";
import { unusedVariables } from "../src/config/unused-env.ts";
import { dataDir } from "../src/config/user-dirs.ts";
import { executionModes } from "../src/model/job.ts";
import { createLogger } from "../src/telemetry/logger.ts";

export default class Manager extends PropCommand {
  static override summary = "Run a manager on this machine, for a broker elsewhere.";
  static override description =
    "Places tasks on the proplets of its channel, and serves the HTTP API that commands and clients use. It runs until SIGINT or SIGTERM, which answers what is under way within the grace time; tasks go on meanwhile. A second signal ends it at once. A broker that can't be reached is tried until it answers. On other addresses than this machine's own the API asks for tokens: the first one is left in a file in its data folder, prop token create makes others.";
  static override usage = "manager [flags]";
  static override examples = [
    "<%= config.bin %> manager",
    "<%= config.bin %> manager --mqtt-address tcp://broker.example:1883 --domain d --channel c --id m1 --key s3cret",
    "$ MANAGER_HTTP_PORT=8080 <%= config.bin %> manager --log-level debug",
  ];
  static override flags = {
    ...peerFlags("manager"),
    ...httpFlags,
    data: Flags.string({
      description: "Folder for what it remembers (default: ~/.local/share/prop/manager).",
      env: "MANAGER_DATA",
    }),
    synchronous: Flags.option({ options: ["normal", "full"] as const })({
      description:
        "What a commit survives: normal, a kill of the process at any moment; full, a power cut too.",
      env: "MANAGER_SYNCHRONOUS",
      default: "normal",
    }),
    ...pullFlags,
    scheduler: Flags.option({ options: policyNames })({
      description: "Which of the proplets that fit gets a task that doesn't say.",
      env: "SCHEDULER_TYPE",
      helpGroup: "PLACEMENT",
      default: "hybrid",
    }),
    "job-mode": Flags.option({ options: executionModes })({
      description: "How a job that doesn't say starts its tasks.",
      env: "JOB_EXECUTION_MODE",
      helpGroup: "PLACEMENT",
      default: "parallel",
    }),
    ...attemptFlags,
    ...retentionFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Manager);
    const settings = await peerSettings("manager", flags);
    const { serveManager } = await import("../src/dev/serve-manager.ts");
    const options = {
      ...settings,
      ...httpSettings(flags),
      dataDir: flags.data ?? join(dataDir(process.env), "manager"),
      synchronous: flags.synchronous,
      schedulerPolicy: flags.scheduler,
      jobExecutionMode: flags["job-mode"],
      ...imagesFrom(flags, process.env),
      retention: retentionOf(flags),
      ...attemptSettings(flags),
      version: this.config.version,
      log: createLogger({ level: flags["log-level"], name: "manager" }),
    };
    for (const line of unusedVariables(process.env)) options.log.warn(line);
    await untilStopped((signal) => serveManager({ ...options, signal }));
  }
}
