/** An explanation of a placement as text: what became of the task, then a line for each proplet. */
import type { WireExplanation } from "../api/client.ts";
import { stateName } from "../model/task-state.ts";
import { renderTable } from "./table.ts";

export function renderExplanation(explanation: WireExplanation, how: { colours: boolean }): string {
  const { proplets } = explanation;
  const rows = proplets.map((proplet) => [
    proplet.id,
    proplet.name,
    verdictOf(proplet),
    proplet.reasons.join("; "),
  ]);
  const table =
    rows.length === 0 ? "" : `\n${renderTable(["proplet", "name", "verdict", "reasons"], rows, how)}`;
  return `${headline(explanation)}${table}`;
}

function headline({ task, policy, waits }: WireExplanation): string {
  const state = stateName(task.state);
  if (waits !== undefined) return `${state}, policy ${policy}: ${waits}`;
  const holder = task.proplet_id === undefined ? "" : ` on ${task.proplet_id}`;
  const isIdle = state === "Pending" && task.queued_at === undefined;
  return `${state}${holder}, policy ${policy}${isIdle ? ": it was not started" : ""}`;
}

function verdictOf({ holds, fits, rank }: WireExplanation["proplets"][number]): string {
  if (holds) return "holds it";
  if (!fits) return "no";
  return rank === 1 ? "first choice" : `choice ${rank}`;
}
