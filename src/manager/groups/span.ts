/** What the tasks of a group come to. */
import type { Tally } from "../../model/job.ts";
import type { Task } from "../../model/task.ts";

export interface Span {
  /** Of the first start and the last end, RFC 3339. */
  start_time?: string;
  finish_time?: string;
}

export function spanOf(tasks: readonly Task[]): Span {
  let start: string | undefined;
  let finish: string | undefined;
  for (const { start_time, finish_time } of tasks) {
    if (start_time !== undefined && (start === undefined || start_time < start)) start = start_time;
    if (finish_time !== undefined && (finish === undefined || finish_time > finish)) finish = finish_time;
  }
  return {
    ...(start === undefined ? {} : { start_time: start }),
    ...(finish === undefined ? {} : { finish_time: finish }),
  };
}

export function tallyOf(tasks: readonly Task[]): Tally {
  const tally = [0, 0, 0, 0, 0, 0, 0];
  for (const { state } of tasks) tally[state] = (tally[state] ?? 0) + 1;
  return tally;
}
