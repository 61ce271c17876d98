/**
 * Words under which proplets and demands find each other: a proplet has several, and a demand is filed under one of
 * those that every proplet it suits has. Nobody then has to look at all of the others.
 */
import type { Candidate } from "./candidate.ts";
import type { Demand } from "./demand.ts";

/** All words of a proplet. */
export function wordsOf({ id, tags, capabilities, deviceType }: Candidate): string[] {
  const words = ["any", `id ${id}`];
  for (const tag of tags) words.push(`tag ${tag}`);
  for (const capability of capabilities) words.push(`capability ${capability}`);
  if (deviceType !== undefined) words.push(`device ${deviceType}`);
  return words;
}

/** The words to file a demand under: a proplet that it suits has at least one of them. */
export function wordsFor({ pinnedTo, tags, capabilities, deviceTypes }: Demand): string[] {
  if (pinnedTo !== undefined) return [`id ${pinnedTo}`];
  const [tag] = tags;
  if (tag !== undefined) return [`tag ${tag}`];
  const [capability] = capabilities;
  if (capability !== undefined) return [`capability ${capability}`];
  return deviceTypes.length > 0 ? deviceTypes.map((type) => `device ${type}`) : ["any"];
}
