import { PropCommand } from "../../src/cli/command.ts";
import { followDrain } from "../../src/cli/follow-drain.ts";
import { propletIdArg } from "../../src/cli/proplet-id.ts";
import { connect, targetFlag } from "../../src/cli/target.ts";
import { durationFlag } from "../../src/config/peer-env.ts";

const defaultGraceMs = 30_000;

export default class PropletsDrain extends PropCommand {
  static override summary = "Empty a proplet: for maintenance, or before it goes for good.";
  static override description =
    "It gets nothing new. Functions and daemons move to other proplets at once, tasks that run have the grace time to end, and what is left then is stopped there and starts anew elsewhere, which counts as no lost attempt. Tasks that are pinned to it wait for it. Ends when the proplet holds nothing; it stays cordoned until prop proplets uncordon.";
  static override examples = [
    "<%= config.bin %> proplets drain proplet-1",
    "<%= config.bin %> proplets drain proplet-1 --grace 5m",
  ];
  static override enableJsonFlag = true;
  static override args = propletIdArg;
  static override flags = {
    grace: durationFlag({
      description: "What runs there may take to end (default: 30s).",
    }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(PropletsDrain);
    const { client } = await connect(flags);
    const proplet = await followDrain({
      client,
      id: args.id,
      graceSeconds: (flags.grace ?? defaultGraceMs) / 1_000,
      onProgress: (count) => this.progress(args.id, count),
    });
    this.clearProgress();
    if (proplet.draining) this.talk(`${args.id} still holds ${proplet.task_count} tasks.`);
    else if (proplet.cordoned)
      this.talk(`Drained ${args.id}: it holds nothing. Let it work again: prop proplets uncordon ${args.id}`);
    else this.talk(`The drain of ${args.id} was taken back.`);
    return proplet;
  }

  private progress(id: string, count: number): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[KDraining ${id}: ${count} tasks left`);
  }

  private clearProgress(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
