/** What the manager refused of one manifest, told without keeping those after it back. */
import { PropError } from "../errors.ts";

export interface Refusal {
  code: string;
  message: string;
  hint?: string;
}

/** What every other manifest would be answered too. */
const ofAll = new Set(["MANAGER_UNREACHABLE", "NOT_A_MANAGER", "UNAUTHORIZED"]);

/** @throws what was no refusal: that the manager can't be reached, or wants a token, ends it all, and so does a bug */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof PropError) || ofAll.has(error.code)) throw error;
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
