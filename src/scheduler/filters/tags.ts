/** All the tags that a task asks for. */
import { type Filter, lacking, nobody, nobodyHas } from "./filter.ts";

export const tags: Filter = {
  reason: ({ tags: wanted }, { tags: has }) => lacking("tag", "tags", wanted, has),
  none(demand, left, all) {
    const had = left.map((candidate) => candidate.tags);
    return nobodyHas(nobody(left, all), ["tag", "tags"], demand.tags, had);
  },
};
