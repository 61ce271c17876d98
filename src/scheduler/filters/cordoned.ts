/** A proplet that is cordoned, drained or on its way out gets nothing new. */
import type { Filter } from "./filter.ts";

export const cordoned: Filter = {
  reason: (_, { closed }) => (closed === undefined ? undefined : `is ${closed}`),
  none(_, left) {
    const [only] = left;
    if (left.length === 1) return `proplet ${only?.id} is ${only?.closed}`;
    return `all ${left.length} live proplets that fit are cordoned, draining or leaving`;
  },
};
