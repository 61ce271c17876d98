/** From the text of a file to the manifests in it, or to everything that is wrong with it. */
import { checkManifest } from "../model/manifest/check-manifest.ts";
import { isObject, type Path, type Problem } from "../model/manifest/check-schema.ts";
import type { Manifest } from "../model/manifest/kinds.ts";
import { type Explained, explain } from "./explain.ts";
import { parseYaml, type YamlDocument } from "./parse-yaml.ts";

export interface PlacedManifest {
  manifest: Manifest;
  /** Of a problem that was found later. */
  explain(problem: Problem): Explained;
}

export interface ParsedFile {
  manifests: PlacedManifest[];
  problems: Explained[];
}

/** @param file how problems name it */
export function parseManifests(text: string, file: string): ParsedFile {
  const { documents, flaws } = parseYaml(text);
  const parsed: ParsedFile = {
    manifests: [],
    problems: flaws.map(({ what, ...place }) => explain(file, place, { path: [], what })),
  };
  for (const document of documents) {
    for (const { value, path } of membersOf(document)) take(value, parsed, explainerOf(document, file, path));
  }
  return parsed;
}

/** What `kubectl get -o json` and `prop get -o json` write for several objects is one document. */
function membersOf({ value }: YamlDocument): { value: unknown; path: Path }[] {
  if (!isObject(value) || value.kind !== "List" || !Array.isArray(value.items)) return [{ value, path: [] }];
  return value.items.map((item, index) => ({ value: item, path: ["items", index] }));
}

function explainerOf(document: YamlDocument, file: string, prefix: Path): PlacedManifest["explain"] {
  return (problem) => {
    const path = [...prefix, ...problem.path];
    return explain(file, document.placeOf(path), { ...problem, path });
  };
}

function take(value: unknown, parsed: ParsedFile, explainProblem: PlacedManifest["explain"]): void {
  const checked = checkManifest(value);
  if (checked.ok) parsed.manifests.push({ manifest: checked.manifest, explain: explainProblem });
  else parsed.problems.push(...checked.problems.map(explainProblem));
}
