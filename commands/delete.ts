import { Args, Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { PropError } from "../src/errors.ts";
import { type Deleted, deleteAll } from "../src/manifest/delete.ts";
import { filesFlag, kindOfWord, namespaceFlag } from "../src/manifest/flags.ts";
import { loadManifests } from "../src/manifest/load-manifests.ts";
import { keyOf, nameText } from "../src/manifest/namespaces.ts";
import type { ManifestKey } from "../src/model/manifest/record.ts";
import { DEFAULT_NAMESPACE } from "../src/model/manifest/resource.ts";

export default class Delete extends PropCommand {
  static override summary = "Delete what manifests made, by the files or by name.";
  static override description = "What runs is stopped first. What no manifest made goes by its id.";
  static override examples = [
    "<%= config.bin %> delete -f task.yaml",
    "<%= config.bin %> delete task hello-wasm",
    "<%= config.bin %> delete -f manifests/ --ignore-not-found --json",
  ];
  static override enableJsonFlag = true;
  static override strict = false;
  static override usage = "delete (-f <file> | <kind> <name…>) [flags]";
  static override args = {
    kind: Args.string({ description: "task, job, workflow, function or proplet.", ignoreStdin: true }),
    name: Args.string({ description: "Names, or ids.", ignoreStdin: true }),
  };
  static override flags = {
    ...filesFlag({ required: false }),
    "ignore-not-found": Flags.boolean({ description: "What is not there is fine." }),
    "dry-run": Flags.boolean({ description: "Show what would be deleted, and delete nothing." }),
    ...namespaceFlag,
    ...targetFlag,
  };

  async run() {
    const { argv, flags } = await this.parse(Delete);
    const { namespace, "ignore-not-found": ignore, "dry-run": dryRun } = flags;
    const keys = await keysOf(argv.map(String), flags.file, namespace);
    const { client } = await connect(flags);
    const onDeleted = (deleted: Deleted) => this.show(deleted, { ignore, dryRun });
    const results = await deleteAll(client, keys, { dryRun, onDeleted });
    const bad = ignore ? ["failed"] : ["failed", "absent"];
    if (results.some(({ outcome }) => bad.includes(outcome))) process.exitCode = 1;
    return { results };
  }

  private show(deleted: Deleted, { ignore, dryRun }: { ignore: boolean; dryRun: boolean }): void {
    const { outcome, error } = deleted;
    if (outcome === "deleted") this.log(`${nameText(deleted)} deleted${dryRun ? " (dry run)" : ""}`);
    else if (outcome === "failed" || !ignore) this.talk(`${nameText(deleted)}: ${error?.message ?? ""}`);
  }
}

async function keysOf(
  [word, ...names]: string[],
  files: string[] | undefined,
  namespace: string | undefined,
): Promise<ManifestKey[]> {
  if ((files === undefined) === (word === undefined || names.length === 0)) throw usage();
  if (files === undefined) {
    const kind = kindOfWord(word ?? "");
    return names.map((name) => ({ kind, namespace: namespace ?? DEFAULT_NAMESPACE, name }));
  }
  const options = { withModules: false, ...(namespace === undefined ? {} : { namespace }) };
  return (await loadManifests(files, options)).map(keyOf).reverse();
}

function usage(): PropError {
  return new PropError({
    code: "USAGE",
    message: "name either files, or a kind and names",
    hint: "prop delete -f task.yaml, or prop delete task hello-wasm",
    exitCode: 2,
  });
}
