import { Flags } from "@oclif/core";
import { PropCommand } from "../src/cli/command.ts";
import { connect, targetFlag } from "../src/cli/target.ts";
import { type AppliedManifest, appliedText, applyAll } from "../src/manifest/apply.ts";
import { filesFlag, namespaceFlag } from "../src/manifest/flags.ts";
import { loadManifests } from "../src/manifest/load-manifests.ts";
import { nameText } from "../src/manifest/namespaces.ts";

export default class Apply extends PropCommand {
  static override summary = "Make what manifests describe: tasks, jobs, workflows, functions, proplets.";
  static override description =
    "Applying the same file again changes nothing. A task, job or workflow whose spec has changed runs anew, in the place of the one before; a function gets a new revision. All files are checked before the first manifest is applied.";
  static override examples = [
    "<%= config.bin %> apply -f task.yaml",
    "<%= config.bin %> apply -f manifests/ -f job.yaml --dry-run",
    "$ cat task.yaml | <%= config.bin %> apply -f - --json",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    ...filesFlag({ required: true }),
    "dry-run": Flags.boolean({ description: "Show what would change, and change nothing." }),
    ...namespaceFlag,
    ...targetFlag,
  };

  async run() {
    const { flags } = await this.parse(Apply);
    const { file, namespace, "dry-run": dryRun } = flags;
    const manifests = await loadManifests(file ?? [], {
      withModules: true,
      ...(namespace === undefined ? {} : { namespace }),
    });
    const { client } = await connect(flags);
    const onApplied = (applied: AppliedManifest) => this.show(applied, dryRun);
    const results = await applyAll(client, manifests, { dryRun, onApplied });
    if (results.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
    return { results };
  }

  private show(applied: AppliedManifest, dryRun: boolean): void {
    const { error, warnings = [] } = applied;
    for (const warning of warnings) this.talk(`${nameText(applied)}: ${warning}`);
    if (error === undefined) this.log(appliedText(applied, { dryRun }));
    else this.talk(`${nameText(applied)} failed: ${error.message}`);
    if (error?.hint !== undefined) this.talk(`  ${error.hint}`);
  }
}
