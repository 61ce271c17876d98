import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { renderTable, showsColours } from "../src/cli/table.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { tableOf } from "../src/manifest/columns.ts";
import { findResources } from "../src/manifest/find.ts";
import { listOf, yamlOf } from "../src/manifest/print.ts";
import { pluralOf } from "../src/model/manifest/kinds.ts";
import { DEFAULT_NAMESPACE } from "../src/model/manifest/resource.ts";

export default class Get extends PropCommand {
  static override summary = "Show tasks, jobs, workflows, functions and proplets, as manifests name them.";
  static override description =
    "What no manifest made is shown too, by its id. -o yaml prints what apply takes again. TASKS of a proplet are those it holds, with each function that it keeps ready.";
  static override examples = [
    "<%= config.bin %> get all",
    "<%= config.bin %> get tasks -o wide",
    "<%= config.bin %> get proplets,functions --json",
  ];
  static override enableJsonFlag = true;
  static override args = {
    kind: Args.string({
      description: "tasks, jobs, workflows, functions, proplets, several with commas, or all.",
      default: "all",
      ignoreStdin: true,
    }),
    name: Args.string({ description: "Name of one, or its id.", ignoreStdin: true }),
  };
  static override flags = {
    output: Flags.option({
      char: "o",
      description: "How to show it (default: a table).",
      options: ["yaml", "json", "wide", "name"] as const,
    })(),
    namespace: Flags.string({ char: "n", description: "Only this namespace.", default: DEFAULT_NAMESPACE }),
    "all-namespaces": Flags.boolean({ char: "A", description: "All namespaces." }),
    ...targetFlag,
  };

  async run() {
    const { args, flags } = await this.parse(Get);
    const { client } = await connect(flags);
    const namespaces = flags["all-namespaces"] && args.name === undefined;
    const names = args.name === undefined ? [] : [args.name];
    const found = await findResources(client, args.kind, names, namespaces ? undefined : flags.namespace);
    const all = found.flatMap(({ resources }) => resources);
    const list = listOf(all, args.name !== undefined);
    if (flags.output === "yaml") this.log(yamlOf(all));
    else if (flags.output === "json") this.log(JSON.stringify(list, null, 2));
    else if (flags.output === "name")
      for (const { kind, metadata } of all) this.log(`${kind.toLowerCase()}/${metadata.name}`);
    else this.showTables(found, { wide: flags.output === "wide", namespaces, kinds: found.length > 1 });
    return list;
  }

  private showTables(
    found: Awaited<ReturnType<typeof findResources>>,
    options: { wide: boolean; namespaces: boolean; kinds: boolean },
  ): void {
    const shown = found.filter(({ resources }) => resources.length > 0);
    if (shown.length === 0) this.talk(`no ${found.map(({ kind }) => pluralOf(kind)).join(", ")} here`);
    const tables = shown.map(({ kind, resources }) => {
      const { head, rows } = tableOf(kind, resources, { ...options, nowMs: Date.now() });
      return renderTable(head, rows, { colours: showsColours() });
    });
    if (tables.length > 0) this.log(tables.join("\n\n"));
  }
}
