/** Which of the known words a mistyped one most likely meant. */
import { closest, distance } from "fastest-levenshtein";

/** The nearest of `known`, or undefined where none is near: more than a third of the word would have to change. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const found = closest(word, known);
  return distance(word, found) <= Math.ceil(word.length / 3) ? found : undefined;
}
