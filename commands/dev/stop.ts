import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { dataDirPath } from "../../src/dev/data-dir.ts";
import { findRunningDev, stopDev } from "../../src/dev/running-dev.ts";

export default class DevStop extends PropCommand {
  static override summary = "End a running prop dev, and wait until it is gone.";
  static override description =
    "The one of this project, else the one that was started last. Where none runs there is nothing to do.";
  static override examples = ["<%= config.bin %> dev stop", "<%= config.bin %> dev stop --data .prop --json"];
  static override enableJsonFlag = true;
  static override flags = {
    data: Flags.string({
      description: "Folder of its state (default: that of this project, else of the latest).",
    }),
  };

  async run() {
    const { flags } = await this.parse(DevStop);
    const cwd = process.cwd();
    const dataDir = flags.data === undefined ? undefined : dataDirPath(flags.data, cwd);
    const record = await findRunningDev(dataDir, cwd, process.env);
    if (record === undefined) {
      this.talk("No prop dev runs here.");
      return { stopped: false };
    }
    await stopDev(record);
    this.talk(`Stopped prop dev with process id ${record.pid}.`);
    return { stopped: true, pid: record.pid };
  }
}
