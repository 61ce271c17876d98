/** Deletes objects one after the other; one that fails doesn't keep those after it from being deleted. */
import type { Client } from "../api/client.ts";
import type { ManifestKey } from "../model/manifest/record.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

export interface Deleted extends ManifestKey {
  outcome: "deleted" | "absent" | "failed";
  error?: Refusal;
}

export async function deleteAll(
  client: Pick<Client, "manifests">,
  keys: readonly ManifestKey[],
  { dryRun, onDeleted }: { dryRun: boolean; onDeleted: (deleted: Deleted) => void },
): Promise<Deleted[]> {
  const results: Deleted[] = [];
  for (const key of keys) {
    const deleted = await deleteOne(client, key, dryRun);
    onDeleted(deleted);
    results.push(deleted);
  }
  return results;
}

async function deleteOne(
  client: Pick<Client, "manifests">,
  key: ManifestKey,
  dryRun: boolean,
): Promise<Deleted> {
  try {
    await client.manifests.delete(key, { dryRun });
    return { ...key, outcome: "deleted" };
  } catch (error) {
    const refusal = refusalOf(error);
    const outcome = refusal.code.endsWith("_NOT_FOUND") ? "absent" : "failed";
    return { ...key, outcome, error: refusal };
  }
}
