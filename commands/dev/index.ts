import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { interruptedExitCode, interruptible } from "../../src/cli/interruptible.ts";
import { aborted, untilStopped } from "../../src/cli/until-stopped.ts";
import { readDevRecord } from "../../src/config/dev-record.ts";
import { startInBackground, tellStarter, tellStarterOfFailure } from "../../src/dev/background.ts";
import { type DevEvent, type Shown, showDevEvent } from "../../src/dev/dev-event.ts";
import { devFlags, devSettings } from "../../src/dev/dev-flags.ts";
import { findRunningDev } from "../../src/dev/running-dev.ts";

/** How long its end may take. */
const graceMs = 900;

export default class Dev extends PropCommand {
  static override summary = "A whole cluster on this machine: broker, manager and proplets in one process.";
  static override description =
    "In a function project it builds and deploys the function, again at each change of its files, and shows every invocation. State is kept in .prop/. Ctrl-C ends it, twice at once. All of it listens on 127.0.0.1.";
  static override usage = "dev [flags]";
  static override examples = [
    "<%= config.bin %> dev",
    "<%= config.bin %> dev --proplets 4 --port 8080 --mqtt-port 1884",
    "<%= config.bin %> dev --detach --ephemeral",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    ...devFlags,
    detach: Flags.boolean({ char: "d", description: "Leave it running; prop dev stop ends it." }),
    background: Flags.boolean({ hidden: true }),
  };

  async run() {
    const { flags } = await this.parse(Dev);
    const settings = devSettings(flags, process.cwd(), process.env);
    if (flags.detach) return await this.detach(settings.dataDir);
    const emit = (event: DevEvent): void => this.show(event, flags.background);
    try {
      const { startDev } = await import("../../src/dev/start-dev.ts");
      const dev = await startDev({ ...settings, version: this.config.version, emit });
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
    const own = this.argv.filter((arg) => !["--detach", "-d", "--json"].includes(arg));
    const args = ["dev", ...own, "--background"];
    const onShown = ({ stream, text }: Shown): void => {
      if (!this.jsonEnabled()) process[stream].write(text);
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
      this.logJson(event);
      return;
    }
    const shown = showDevEvent(event, { colours: process.stderr.isTTY && process.stderr.hasColors() });
    process[shown.stream].write(shown.text);
    if (inBackground) tellStarter({ type: "shown", ...shown });
  }
}
