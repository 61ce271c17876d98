/** CPU against what the tasks there have reserved. */
import { cpuText } from "../amount-text.ts";
import { mostFree, type RoomFilter } from "./filter.ts";

export const cpu: RoomFilter = {
  short: "short of CPU",
  reason({ needs }, { free, cpuMillis }) {
    if (free.cpuMillis >= needs.cpuMillis) return undefined;
    if (cpuMillis === undefined) return "doesn't say how much CPU it has";
    return `has ${cpuText(free.cpuMillis)} of CPU free, not ${cpuText(needs.cpuMillis)}`;
  },
  none({ needs }, left) {
    const said = left.filter(({ cpuMillis }) => cpuMillis !== undefined);
    return `needs ${cpuText(needs.cpuMillis)} of CPU: ${mostFree(said, "cpuMillis", cpuText)}`;
  },
};
