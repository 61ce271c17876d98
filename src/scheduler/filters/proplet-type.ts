/** Pods of a cluster, or what is outside of it. */
import { type Filter, nobody } from "./filter.ts";

export const propletType: Filter = {
  reason({ propletType: wanted }, { type }) {
    return wanted === undefined || wanted === type ? undefined : `is of type ${type}, not ${wanted}`;
  },
  none: (demand, left, all) => `${nobody(left, all)} is of type ${demand.propletType}`,
};
