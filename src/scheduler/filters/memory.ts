/** Memory against what the tasks there have reserved. */
import { memoryText } from "../amount-text.ts";
import { mostFree, type RoomFilter } from "./filter.ts";

export const memory: RoomFilter = {
  short: "short of memory",
  reason({ needs }, { free, memoryBytes }) {
    if (free.memoryBytes >= needs.memoryBytes) return undefined;
    if (memoryBytes === undefined) return "doesn't say how much memory it has";
    return `has ${memoryText(free.memoryBytes)} of memory free, not ${memoryText(needs.memoryBytes)}`;
  },
  none({ needs }, left) {
    const said = left.filter(({ memoryBytes }) => memoryBytes !== undefined);
    return `needs ${memoryText(needs.memoryBytes)} of memory: ${mostFree(said, "memoryBytes", memoryText)}`;
  },
};
