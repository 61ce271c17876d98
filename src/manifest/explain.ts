/** What is wrong with a manifest, a line each, with the place in its file. */
import { problemText } from "../cli/problem-text.ts";
import type { Problem } from "../model/manifest/check-schema.ts";
import type { Place } from "./parse-yaml.ts";

/** A problem, where it is and what it is. */
export interface Explained extends Place {
  /** `task.yaml:9:5: spec.preferedPropletType is unknown. Did you mean preferredPropletType?` */
  text: string;
}

export function explain(file: string, { line, column }: Place, problem: Problem): Explained {
  return { line, column, text: `${file}:${line}:${column}: ${problemText(problem)}` };
}

/** The lines of what was explained, in the order of the file. */
export function inFileOrder(problems: readonly Explained[]): string[] {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return sorted.map(({ text }) => text);
}
