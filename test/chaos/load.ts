/** Tasks for a system that is being broken: handed in until they are acknowledged, then followed to their end. */
import { messageOf, PropError } from "../../src/errors.ts";
import { isEnded } from "../../src/model/task-state.ts";
import type { Random } from "../support/malformed/random.ts";
import { spinModule } from "./module.ts";
import type { Pace } from "./pace.ts";
import type { System } from "./system.ts";

const AT_ONCE = 16;
const PAGE = 1_000;
const SHORT_LOOPS = 50_000;
/** About a tenth of a second. */
const LONG_LOOPS = 100_000_000;

export interface LoadOptions {
  system: System;
  tasks: number;
  random: Random;
  pace: Pace;
}

/** @returns the number that each acknowledged task was given, by its id */
export async function submitAll({ system, tasks, random, pace }: LoadOptions): Promise<Map<string, number>> {
  const file = await spinModule();
  const acknowledged = new Map<string, number>();
  let next = 1;
  async function submitSome(): Promise<void> {
    while (next <= tasks) {
      const n = next++;
      await pace.until(n);
      const loops = random.below(8) === 0 ? LONG_LOOPS : SHORT_LOOPS;
      const input = { name: "spin", file, inputs: [String(n), String(loops)] };
      const { id } = await insist(system, () => system.client.tasks.create(input, { start: true }));
      acknowledged.set(id, n);
      if (random.below(50) === 0) await insist(system, () => stopped(system, id));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, submitSome));
  return acknowledged;
}

async function stopped({ client }: System, id: string): Promise<void> {
  try {
    await client.tasks.stop(id);
  } catch (error) {
    // It ended before.
    if (!(error instanceof PropError && error.code === "TASK_NOT_FOUND")) throw error;
  }
}

/** Asks again for as long as it is the manager's absence that keeps it from answering. */
async function insist<T>({ manager }: System, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    await manager.ready();
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof PropError && AWAY.includes(error.code);
      if (!isAway) throw new Error(`refused: ${messageOf(error)}`, { cause: error });
    }
  }
}

const AWAY = ["MANAGER_UNREACHABLE", "MANAGER_CLOSING", "NOT_A_MANAGER"];

/** Resolves when no task is open any more, those included that nobody heard the acknowledgement of. */
export async function untilAllEnded({ client, manager }: System): Promise<void> {
  await manager.ready();
  const following = new AbortController();
  const ended = new Set<string>();
  const open = new Set<string>();
  let isListed = false;
  const finishIfDone = () => isListed && open.size === 0 && following.abort();
  const opened = async () => {
    for await (const task of allTasks(client))
      if (!isEnded(task.state) && !ended.has(task.id)) open.add(task.id);
    isListed = true;
    finishIfDone();
  };
  let listing = Promise.resolve();
  const onOpen = () => {
    listing = opened();
  };
  for await (const { event } of client.follow({ signal: following.signal, onOpen })) {
    if (event.type !== "task" || !ENDED.has(event.state)) continue;
    ended.add(event.task_id);
    open.delete(event.task_id);
    finishIfDone();
  }
  await listing;
}

const ENDED = new Set(["Completed", "Failed", "Interrupted", "Skipped"]);

export async function* allTasks(client: System["client"]) {
  for (let offset = 0; ; offset += PAGE) {
    const { tasks, total } = await client.tasks.list({ offset, limit: PAGE });
    yield* tasks;
    if (offset + PAGE >= total) return;
  }
}
