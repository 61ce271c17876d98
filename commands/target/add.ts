import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { readInput } from "../../src/cli/input-data.ts";
import { addTarget, isReadableOnTheWay } from "../../src/config/targets.ts";

export default class TargetAdd extends PropCommand {
  static override summary = "Give a manager a name.";
  static override description =
    "A target of that name is replaced. Targets are kept in $XDG_CONFIG_HOME/prop/targets.json, which only you can read.";
  static override examples = [
    "<%= config.bin %> target add staging http://127.0.0.1:7070",
    "$ printf s3cret | <%= config.bin %> target add staging http://127.0.0.1:7070 --token-stdin",
  ];
  static override enableJsonFlag = true;
  static override args = {
    name: Args.string({ description: "Name of the target.", required: true, ignoreStdin: true }),
    url: Args.string({ description: "URL of the manager's HTTP API.", required: true, ignoreStdin: true }),
  };
  static override flags = {
    token: Flags.string({ description: "Token for it: @file, or - for stdin." }),
    "token-stdin": Flags.boolean({
      description: "Read its token from stdin, as --token - does.",
      exclusive: ["token"],
    }),
  };

  async run() {
    const { args, flags } = await this.parse(TargetAdd);
    const source = flags["token-stdin"] ? "-" : flags.token;
    const token = source === undefined ? undefined : (await readInput(source, "--token")).toString().trim();
    if (token !== undefined && isReadableOnTheWay(args.url))
      this.talk(
        "The token goes over plain HTTP: whoever is on the way can read it. Take https where you can.",
      );
    await addTarget(process.env, args.name, { url: args.url, ...(token === undefined ? {} : { token }) });
    this.talk(`Added ${args.name}. Commands talk to it after: prop target use ${args.name}`);
    return { name: args.name, url: args.url };
  }
}
