/** A job for people: how far it is, and its tasks. */
import type { WireJobSummary } from "../api/client.ts";
import { stateName, type TaskState } from "../model/task-state.ts";
import { coloured } from "./dag.ts";
import { renderFields } from "./fields.ts";
import { renderTable } from "./table.ts";

export interface JobViewOptions {
  /** Columns of the bar; none without. */
  barWidth?: number;
  colours: boolean;
}

const ended = ["completed", "failed", "skipped", "interrupted"];

/** Its fields, how many of its tasks are in which state, and those tasks that came with it. */
export function renderJob(job: WireJobSummary, { barWidth, colours }: JobViewOptions): string {
  const done = doneOf(job);
  const counts = Object.entries(job.counts).map(([state, count]) => `${count} ${state}`);
  const fields = renderFields({
    id: job.job_id,
    name: job.name,
    mode: job.execution_mode,
    state: stateWord(job.state),
    progress: `${done} of ${job.total}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`,
    started: job.start_time,
    finished: done === job.total ? job.finish_time : undefined,
  });
  const bar = barWidth === undefined ? [] : [barOf(done, job.total, barWidth)];
  const tasks = job.tasks ?? [];
  const rows = tasks.map(({ id, name, state, proplet_id, error, results }) => [
    id,
    name,
    stateName(state),
    proplet_id ?? "",
    error ?? shortText(results),
  ]);
  const more = job.total > tasks.length ? [`${job.total - tasks.length} more; see --limit and --offset`] : [];
  const table = renderTable(["id", "name", "state", "proplet", "results"], rows, { colours });
  const text = [fields, ...bar, ...(rows.length === 0 ? [] : ["", table]), ...more].join("\n");
  return colours ? coloured(text) : text;
}

/** How many of its tasks have ended. */
export function doneOf({ counts }: Pick<WireJobSummary, "counts">): number {
  return ended.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

export function stateWord(state: number): string {
  return stateName(state as TaskState);
}

function barOf(done: number, total: number, width: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

const LONGEST_RESULT = 40;

function shortText(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= LONGEST_RESULT ? text : `${text.slice(0, LONGEST_RESULT - 1)}…`;
}
