/** What `prop` shows: alone, what to do first; with --help, its commands by what they are for. */
import { type Command, CommandHelp, Help } from "@oclif/core";
import { durationHelpValue } from "../config/go-duration.ts";

const firstSteps = `Take a WebAssembly function from a laptop to a cluster to a microcontroller.

Start here:
  prop init hello && cd hello   # a function that builds and runs as it stands
  prop dev                      # a whole cluster on this machine; rebuilds on every change
  prop invoke hello 2 3         # in another terminal

Every command: prop --help
`;

const groups: readonly [title: string, names: readonly string[]][] = [
  ["A FUNCTION", ["init", "build", "run", "dev", "deploy", "invoke", "functions", "doctor"]],
  ["WHAT RUNS", ["apply", "get", "delete", "tasks", "jobs", "workflows"]],
  [
    "IMAGES",
    [
      "push",
      "pull",
      "copy",
      "tags",
      "inspect",
      "login",
      "logout",
      "sign",
      "verify",
      "keygen",
      "registry",
      "cache",
    ],
  ],
  ["WHERE IT RUNS", ["manager", "proplet", "proplets", "target", "token"]],
];

/** In the place of what plugins and oclif say of themselves. */
const ownWords: Readonly<Record<string, string>> = {
  autocomplete: "Tell how to complete commands and flags in your shell.",
  help: "Show this, or the help of a command.",
};

const durations = "500ms, 10s, 1m30s or 2h; a number alone is seconds.";

/** oclif says the summary a second time before the description, and options in one word that no line holds. */
class OwnCommandHelp extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp["sections"]> {
    const takesDuration = Object.values(this.command.flags).some((flag) => isDuration(flag));
    const sections = super.sections();
    if (!takesDuration) return sections;
    const place = 1 + sections.findIndex(({ header }) => header === "FLAGS");
    return sections.toSpliced(place, 0, { header: "DURATIONS", generate: () => this.wrap(durations) });
  }

  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super.flags(flags.map(withOptionsInWords));
  }

  protected override description(): string | undefined {
    const { description } = this.command;
    return description === undefined ? undefined : this.wrap(this.render(description));
  }
}

function isDuration(flag: Command.Flag.Any): boolean {
  return flag.type === "option" && flag.helpValue === durationHelpValue;
}

function withOptionsInWords(flag: Command.Flag.Any): Command.Flag.Any {
  if (flag.type !== "option" || flag.options === undefined) return flag;
  const { options, ...rest } = flag;
  const description = `${flag.description ?? ""}\nOne of: ${options.join(", ")}.`;
  return { ...rest, description, helpValue: flag.helpValue ?? "<option>" };
}

export default class PropHelp extends Help {
  protected override CommandHelpClass = OwnCommandHelp;

  override async showHelp(argv: string[]): Promise<void> {
    if (argv.length === 0) process.stdout.write(firstSteps);
    else await super.showHelp(argv);
  }

  protected override async showRootHelp(): Promise<void> {
    const summaries = this.summariesOfAll();
    const grouped = new Set(groups.flatMap(([, names]) => names));
    const others = [...summaries.keys()].filter((name) => !grouped.has(name));
    const lists = [...groups, ["MORE", others] as const].map(([title, names]) => {
      const lines = names.map((name): [string, string | undefined] => [name, summaries.get(name)]);
      return this.section(title, this.renderList(lines, { indentation: 2, spacer: "\n" }));
    });
    this.log([this.formatRoot(), ...lists, "Help of one: prop <command> --help"].join("\n\n"));
  }

  override formatCommand(command: Command.Loadable): string {
    const { json } = command.flags;
    if (json === undefined) return super.formatCommand(command);
    const { helpGroup: _, ...own } = { ...json, description: "Print it as JSON, for a program." };
    return super.formatCommand({ ...command, flags: { ...command.flags, json: own } });
  }

  /** Of the first words after `prop`, by their names. A topic that is a command too is told of as the command. */
  private summariesOfAll(): Map<string, string> {
    const topics = this.sortedTopics.map(({ name, description = "" }) => [name, description] as const);
    const commands = this.sortedCommands.map(
      ({ id, summary = "" }) => [id, ownWords[id] ?? summary] as const,
    );
    return new Map([...topics, ...commands].filter(([name]) => !name.includes(":")));
  }
}
