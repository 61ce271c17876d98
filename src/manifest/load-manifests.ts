/** All manifests that a command was given, whole and checked, before anything is done with the first. */
import { PropError } from "../errors.ts";
import type { Manifest } from "../model/manifest/kinds.ts";
import { keyText } from "../model/manifest/record.ts";
import { type Explained, inFileOrder } from "./explain.ts";
import { inlineModules } from "./module-files.ts";
import { keyOf, placeIn } from "./namespaces.ts";
import { type PlacedManifest, parseManifests } from "./parse-manifests.ts";
import { readSources, type Source } from "./read-sources.ts";

export interface LoadOptions {
  /** For manifests that name none. */
  namespace?: string;
  /** Whether modules that are named by a path are read. */
  withModules: boolean;
}

/**
 * Reads and checks what `names` names, in its order.
 * @throws PropError `MANIFEST_INVALID` with a line for every problem of every file; those of `readSources`
 */
export async function loadManifests(names: readonly string[], options: LoadOptions): Promise<Manifest[]> {
  const problems: string[] = [];
  const manifests: Manifest[] = [];
  const seen = new Set<string>();
  for (const source of await readSources(names)) {
    const parsed = parseManifests(source.text, source.name);
    const found = [...parsed.problems];
    for (const placed of parsed.manifests) {
      const loaded = await load(placed, source, options, seen);
      found.push(...loaded.problems);
      manifests.push(loaded.manifest);
    }
    problems.push(...inFileOrder(found));
  }
  if (problems.length > 0) throw invalid(problems);
  if (manifests.length === 0) throw empty(names);
  return manifests;
}

async function load(
  { manifest, explain }: PlacedManifest,
  { folder }: Source,
  { namespace, withModules }: LoadOptions,
  seen: Set<string>,
): Promise<{ manifest: Manifest; problems: Explained[] }> {
  const placed = namespace === undefined ? manifest : placeIn(manifest, namespace);
  const key = keyText(keyOf(placed));
  if (seen.has(key)) {
    return { manifest, problems: [explain({ path: ["metadata", "name"], what: `${key} is there twice` })] };
  }
  seen.add(key);
  if (!withModules) return { manifest: placed, problems: [] };
  const inlined = await inlineModules(placed, folder);
  return { manifest: inlined.manifest, problems: inlined.problems.map(explain) };
}

function invalid(problems: readonly string[]): PropError {
  return new PropError({
    code: "MANIFEST_INVALID",
    message: problems.length === 1 ? `${problems[0]}` : `${problems.length} problems\n${problems.join("\n")}`,
    hint: "Nothing was changed.",
  });
}

function empty(names: readonly string[]): PropError {
  return new PropError({ code: "MANIFEST_INVALID", message: `no manifest in ${names.join(", ")}` });
}
