/** A pinned task goes to its own proplet alone. */
import type { Filter } from "./filter.ts";

export const pinned: Filter = {
  reason({ pinnedTo }, { id }) {
    return pinnedTo === undefined || pinnedTo === id
      ? undefined
      : `is not ${pinnedTo}, which it is pinned to`;
  },
  none: ({ pinnedTo }) => `proplet ${pinnedTo} is not known`,
};
