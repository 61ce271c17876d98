/** All the capabilities that a task asks for. */
import { type Filter, lacking, nobody, nobodyHas } from "./filter.ts";

export const capabilities: Filter = {
  reason: ({ capabilities: wanted }, { capabilities: has }) =>
    lacking("capability", "capabilities", wanted, has),
  none(demand, left, all) {
    const had = left.map((candidate) => candidate.capabilities);
    return nobodyHas(nobody(left, all), ["capability", "capabilities"], demand.capabilities, had);
  },
};
