/** Proplets that were heard lately. */
import type { Filter } from "./filter.ts";

export const alive: Filter = {
  reason: (_, candidate) => (candidate.alive ? undefined : "is not alive"),
  none({ pinnedTo }, left, all) {
    const [only] = left;
    if (only !== undefined && only.id === pinnedTo) return `proplet ${only.id} is not alive`;
    if (left.length === all) return "no proplet is alive";
    return left.length === 1
      ? `proplet ${only?.id}, the only one that fits, is not alive`
      : `none of the ${left.length} proplets that fit is alive`;
  },
};
