import { PropCommand } from "../../src/cli/command.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { resolveTarget } from "../../src/config/resolve-target.ts";
import { devTarget, readTargets } from "../../src/config/targets.ts";

export default class TargetList extends PropCommand {
  static override summary = "List the managers that commands can talk to.";
  static override description =
    "dev is always there: the prop dev of this project, else the one that was started last. The star marks the one that commands talk to now.";
  static override examples = ["<%= config.bin %> target list", "<%= config.bin %> target list --json"];
  static override enableJsonFlag = true;

  async run() {
    await this.parse(TargetList);
    const { env } = process;
    const { targets } = await readTargets(env);
    const current = await resolveTarget({ flag: undefined, env, cwd: process.cwd() });
    const dev = await resolveTarget({ flag: devTarget, env, cwd: process.cwd() });
    const isNamed = current.name === devTarget || Object.hasOwn(targets, current.name);
    const all = [
      dev,
      ...Object.entries(targets).map(([name, { url }]) => ({ name, url })),
      ...(isNamed ? [] : [current]),
    ];
    const listed = all.map(({ name, url }) => ({ name, url, current: name === current.name }));
    const rows = listed.map((target) => [target.current ? "*" : "", target.name, target.url]);
    this.log(renderTable(["", "name", "url"], rows, { colours: showsColours() }));
    return listed;
  }
}
