/** The attempts at a task as a table: where each was made, how it ended, why it was lost. */
import type { WireAttempt } from "../api/client.ts";
import { renderTable, showsColours } from "./table.ts";

export function renderAttempts(attempts: readonly WireAttempt[]): string {
  const rows = attempts.map(({ attempt, proplet_id, outcome = "", ended_at = "", reason = "" }) => [
    String(attempt),
    proplet_id,
    outcome,
    ended_at,
    reason,
  ]);
  return renderTable(["attempt", "proplet", "outcome", "ended", "reason"], rows, { colours: showsColours() });
}
