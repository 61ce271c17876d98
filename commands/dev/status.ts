import { Flags } from "@oclif/core";
import { createClient } from "../../src/api/client.ts";
import { PropCommand } from "../../src/cli/command.ts";
import { renderFields } from "../../src/cli/fields.ts";
import { dataDirPath } from "../../src/dev/data-dir.ts";
import { findRunningDev } from "../../src/dev/running-dev.ts";
import { PropError } from "../../src/errors.ts";

export default class DevStatus extends PropCommand {
  static override summary = "Show whether a prop dev runs, and where it listens.";
  static override description =
    "The one of this project, else the one that was started last. Where none runs the exit code is 1.";
  static override examples = ["<%= config.bin %> dev status", "<%= config.bin %> dev status --json"];
  static override enableJsonFlag = true;
  static override flags = {
    data: Flags.string({
      description: "Folder of its state (default: that of this project, else of the latest).",
    }),
  };

  async run() {
    const { flags } = await this.parse(DevStatus);
    const cwd = process.cwd();
    const dataDir = flags.data === undefined ? undefined : dataDirPath(flags.data, cwd);
    const record = await findRunningDev(dataDir, cwd, process.env);
    if (record === undefined) throw notRunning();
    const client = createClient({ url: record.url });
    const [proplets, functions] = await Promise.all([
      client.proplets.list({ status: "active" }),
      client.functions.list(),
    ]);
    const shown = {
      pid: record.pid,
      http: record.url,
      mqtt: record.mqtt,
      registry: record.registry,
      data: record.dataDir,
      started: record.startedAt,
      proplets: proplets.total,
      functions: functions.map(({ name, revision }) => `${name} (revision ${revision})`).join(", "),
    };
    this.log(renderFields(shown));
    return { ...record, proplets: proplets.total, functions };
  }
}

function notRunning(): PropError {
  return new PropError({
    code: "DEV_NOT_RUNNING",
    message: "no prop dev runs here",
    hint: "Start one with: prop dev",
  });
}
