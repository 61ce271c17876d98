/** The flags of a command that lists. */
import { Flags } from "@oclif/core";

/** @param usual how many are shown where nobody says */
export const limitFlag = (usual: number) =>
  Flags.integer({ description: "How many to show.", default: usual, min: 1, max: 1000 });

export const pageFlags = {
  limit: limitFlag(100),
  offset: Flags.integer({ description: "How many to skip.", default: 0, min: 0 }),
};

/** What to say where a list is only a part; undefined where it is all. */
export function partOfList(shown: number, offset: number, total: number): string | undefined {
  if (shown === total || shown === 0) return undefined;
  return `${offset + 1} to ${offset + shown} of ${total}; see --offset and --limit`;
}
