import { Flags } from "@oclif/core";
import { PropCommand } from "../../src/cli/command.ts";
import { cacheDir } from "../../src/config/user-dirs.ts";
import { sizeText } from "../../src/engine/size-text.ts";
import { PropError } from "../../src/errors.ts";
import { parseSize } from "../../src/function/quantities.ts";
import { choosePruned, listCache, removeCached } from "../../src/registry/store/cache.ts";

const DAY_MS = 86_400_000;
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

export default class CachePrune extends PropCommand {
  static override summary = "Remove what came from registries and is kept on this machine.";
  static override description =
    "Without flags that say more, what was not used for 30 days goes. What is removed comes again when it is wanted. The images of prop registry are no cache: they stay.";
  static override examples = [
    "<%= config.bin %> cache prune",
    "<%= config.bin %> cache prune --older-than 7d --max-size 1GiB",
    "<%= config.bin %> cache prune --all --dry-run",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    "older-than": Flags.string({ description: "What was not used for this time: 12h, 30d, 4w." }),
    "max-size": Flags.string({
      description: "What was used longest ago, until the rest is no larger: 1GiB.",
    }),
    all: Flags.boolean({ description: "All of it.", exclusive: ["older-than", "max-size"] }),
    "dry-run": Flags.boolean({ description: "Only say what would go." }),
  };

  async run() {
    const { flags } = await this.parse(CachePrune);
    const { "older-than": age, "max-size": size, all, "dry-run": dryRun } = flags;
    const usual = size === undefined ? "30d" : undefined;
    const olderThanMs = all ? -DAY_MS : parseAge(age ?? usual);
    const dir = cacheDir(process.env);
    const pruned = choosePruned(await listCache(dir), {
      ...(olderThanMs === undefined ? {} : { beforeMs: Date.now() - olderThanMs }),
      ...(size === undefined ? {} : { maxBytes: parseSize(size) }),
    });
    const bytes = pruned.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const partialsBeforeMs = Date.now() - (olderThanMs ?? DAY_MS);
    const removed = dryRun ? bytes : await removeCached(dir, pruned, { partialsBeforeMs });
    for (const { digest } of pruned) this.log(digest);
    this.talk(`${dryRun ? "Would remove" : "Removed"} ${sizeText(removed)} of ${dir}`);
    return { dir, dry_run: dryRun, removed_bytes: removed, removed: pruned.map(({ digest }) => digest) };
  }
}

function parseAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, unit = ""] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (number !== undefined && unitMs !== undefined) return Number(number) * unitMs;
  throw new PropError({
    code: "DURATION_INVALID",
    message: `--older-than ${JSON.stringify(text)} is no time`,
    hint: "Write it like 30m, 12h, 30d or 4w.",
    exitCode: 2,
  });
}
