import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../../src/cli/interruptible.ts";
import { aborted, untilStopped } from "../../src/cli/until-stopped.ts";
import { readDevRecord } from "../../src/config/dev-record.ts";
import { mirrorEntries, registryFlags } from "../../src/config/registry-flags.ts";
import { retentionFlags, retentionOf } from "../../src/config/retention-flags.ts";
import { startInBackground, tellStarter, tellStarterOfFailure } from "../../src/dev/background.ts";
import { dataDirPath } from "../../src/dev/data-dir.ts";
import { type DevEvent, type Shown, showDevEvent } from "../../src/dev/dev-event.ts";
import { findRunningDev } from "../../src/dev/running-dev.ts";

/** How long its end may take. */
const graceMs = 900;

export default class Dev extends PropCommand {
  static override summary = "A whole cluster on this machine: broker, manager and proplets in one process.";
  static override description =
    "In a function project it builds and deploys the function, again at each change of its files, and shows every invocation. State is kept in .prop/. Ctrl-C ends it, twice at once. All of it listens on 127.0.0.1.";
  static override examples = [
    "<%= config.bin %> dev",
    "<%= config.bin %> dev --proplets 4 --port 8080 --mqtt-port 1884",
    "<%= config.bin %> dev --detach --ephemeral",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    proplets: Flags.integer({ description: "How many proplets.", default: 2, min: 1, max: 64 }),
    port: Flags.integer({
      description: "Port of the HTTP API (default: 7070, or a free one where it is taken).",
      min: 0,
      max: 65_535,
    }),
    "mqtt-port": Flags.integer({
      description: "Port of the broker (default: 1883, or a free one where it is taken).",
      min: 0,
      max: 65_535,
    }),
    data: Flags.string({ description: "Folder for its state (default: .prop).", exclusive: ["ephemeral"] }),
    ephemeral: Flags.boolean({ description: "Keep nothing: state is gone when it ends." }),
    ...registryFlags,
    ...retentionFlags,
    detach: Flags.boolean({ char: "d", description: "Leave it running; prop dev stop ends it." }),
    background: Flags.boolean({ hidden: true }),
  };

  async run() {
    const { flags } = await this.parse(Dev);
    const dataDir = flags.ephemeral ? "ephemeral" : dataDirPath(flags.data, process.cwd());
    if (flags.detach) return await this.detach(dataDir);
    const emit = (event: DevEvent): void => this.show(event, flags.background);
    try {
      const { startDev } = await import("../../src/dev/start-dev.ts");
      const { port, "mqtt-port": mqttPort } = flags;
      const dev = await startDev({
        dataDir,
        proplets: flags.proplets,
        ...(port === undefined ? {} : { port }),
        ...(mqttPort === undefined ? {} : { mqttPort }),
        projectDir: process.cwd(),
        retention: retentionOf(flags),
        mirrors: mirrorEntries(flags["registry-mirror"], process.env),
        version: this.config.version,
        env: process.env,
        emit,
      });
      void dev.deployed.then(() => tellStarter({ type: "ready" }));
      const serve = async (signal: AbortSignal) => {
        await aborted(signal);
        emit({ type: "stopping" });
        await dev.close();
      };
      await untilStopped(serve, { graceMs });
      return { type: "stopped" };
    } catch (error) {
      tellStarterOfFailure(error);
      throw error;
    }
  }

  private async detach(dataDir: string) {
    const args = [
      "dev",
      ...this.argv.filter((arg) => !["--detach", "-d", "--json"].includes(arg)),
      "--background",
    ];
    const onShown = (shown: Shown): void => {
      if (!this.jsonEnabled()) process[shown.stream].write(shown.text);
    };
    const started = await interruptible((signal) => startInBackground({ args, dataDir, onShown, signal }));
    if (started === "interrupted") return this.exit(interruptedExitCode);
    this.talk("It goes on in the background: prop dev status, prop dev stop");
    if (dataDir !== "ephemeral") return await readDevRecord(dataDir);
    return await findRunningDev(undefined, process.cwd(), process.env);
  }

  /** One line, as each event before it. */
  protected override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }

  private show(event: DevEvent, inBackground: boolean): void {
    if (this.jsonEnabled()) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
      return;
    }
    const shown = showDevEvent(event, { colours: process.stderr.isTTY && process.stderr.hasColors() });
    process[shown.stream].write(shown.text);
    if (inBackground) tellStarter({ type: "shown", ...shown });
  }
}
