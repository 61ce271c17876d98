/** A proplet takes so many tasks at a time, and a few ahead. */
import type { RoomFilter } from "./filter.ts";

export const slots: RoomFilter = {
  short: "full",
  reason({ needs }, { free, held, slots: has }) {
    if (free.slots >= needs.slots) return undefined;
    return `is full: it runs ${has} at a time and holds ${held.slots}`;
  },
  none: (_, left) =>
    left.length === 1
      ? `proplet ${left[0]?.id} is full`
      : `${left.length} of ${left.length} live proplets are full`,
};
