/** WAMR runs core modules, no components. */
import { type Filter, nobody } from "./filter.ts";

export const runtime: Filter = {
  reason({ component }, { runtime: is }) {
    return component && is.toLowerCase() === "wamr" ? `runs ${is}, which takes no components` : undefined;
  },
  none: (_, left, all) => `${nobody(left, all)} has a runtime that takes components`,
};
