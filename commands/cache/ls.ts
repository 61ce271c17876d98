import { PropCommand } from "../../src/cli/command.ts";
import { renderTable, showsColours } from "../../src/cli/table.ts";
import { ageText } from "../../src/cli/time-text.ts";
import { cacheDir } from "../../src/config/user-dirs.ts";
import { sizeText } from "../../src/engine/size-text.ts";
import { listCache } from "../../src/registry/store/cache.ts";

export default class CacheLs extends PropCommand {
  static override summary = "List what came from registries and is kept on this machine.";
  static override description =
    "What was used last comes first. The cache lies in $PROP_CACHE_DIR, else in $XDG_CACHE_HOME/prop, else in ~/.cache/prop; all of it can be had again.";
  static override examples = ["<%= config.bin %> cache ls", "<%= config.bin %> cache ls --json"];
  static override enableJsonFlag = true;

  async run() {
    await this.parse(CacheLs);
    const dir = cacheDir(process.env);
    const blobs = (await listCache(dir)).map(({ digest, kind, sizeBytes, usedAtMs }) => ({
      digest,
      kind,
      size_bytes: sizeBytes,
      used_at: new Date(usedAtMs).toISOString(),
    }));
    const rows = blobs.map(({ digest, kind, size_bytes, used_at }) => [
      digest,
      kind,
      sizeText(size_bytes),
      ageText(used_at, Date.now()),
    ]);
    if (rows.length > 0) {
      this.log(renderTable(["digest", "kind", "size", "used"], rows, { colours: showsColours() }));
    }
    const bytes = blobs.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    this.talk(`${sizeText(bytes)} in ${dir}`);
    return { dir, blobs };
  }
}
