/** Applies manifests one after the other; one that fails doesn't keep those after it from being applied. */
import type { Client, WireApplied } from "../api/client.ts";
import type { Manifest } from "../model/manifest/kinds.ts";
import type { ManifestKey } from "../model/manifest/record.ts";
import { keyOf, nameText } from "./namespaces.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

export type Outcome = WireApplied["outcome"] | "failed";

export interface AppliedManifest extends ManifestKey {
  outcome: Outcome;
  object_id?: string;
  changes?: WireApplied["changes"];
  warnings?: string[];
  error?: Refusal;
}

/** Calls `onApplied` for each as soon as it is done. */
export async function applyAll(
  client: Pick<Client, "manifests">,
  manifests: readonly Manifest[],
  { dryRun, onApplied }: { dryRun: boolean; onApplied: (applied: AppliedManifest) => void },
): Promise<AppliedManifest[]> {
  const results: AppliedManifest[] = [];
  for (const manifest of manifests) {
    const applied = await applyOne(client, manifest, dryRun);
    onApplied(applied);
    results.push(applied);
  }
  return results;
}

async function applyOne(
  client: Pick<Client, "manifests">,
  manifest: Manifest,
  dryRun: boolean,
): Promise<AppliedManifest> {
  try {
    return { ...keyOf(manifest), ...(await client.manifests.apply(manifest, { dryRun })) };
  } catch (error) {
    return { ...keyOf(manifest), outcome: "failed", error: refusalOf(error) };
  }
}

/** `task/hello created`, and in a dry run, field by field, what would change. */
export function appliedText(applied: AppliedManifest, { dryRun }: { dryRun: boolean }): string {
  const head = `${nameText(applied)} ${applied.outcome}${dryRun ? " (dry run)" : ""}`;
  const fields = dryRun ? (applied.changes ?? []).map((change) => `  ${changeText(change)}`) : [];
  return [head, ...fields].join("\n");
}

function changeText(change: WireApplied["changes"][number]): string {
  if (!("before" in change)) return `${change.path}: ${valueText(change.after)} is new`;
  if (!("after" in change)) return `${change.path}: ${valueText(change.before)} goes`;
  return `${change.path}: ${valueText(change.before)} becomes ${valueText(change.after)}`;
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
