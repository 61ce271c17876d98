/** Boards and machines of certain types. A proplet that neither says nor was declared what it is, is none of them. */
import { type Filter, listed, nobody } from "./filter.ts";

export const deviceType: Filter = {
  reason({ deviceTypes }, { deviceType: is }) {
    if (deviceTypes.length === 0 || (is !== undefined && deviceTypes.includes(is))) return undefined;
    if (is === undefined) return "has no device type";
    return `is of device type ${is}, not ${listed(deviceTypes, "or")}`;
  },
  none: ({ deviceTypes }, left, all) => `${nobody(left, all)} is of device type ${listed(deviceTypes, "or")}`,
};
