/** Queued tasks in groups that ask for the same: where one of a group finds no proplet, none of it does. */
import type { Policy } from "../../model/placement.ts";
import type { Task } from "../../model/task.ts";
import type { Candidate } from "../../scheduler/candidate.ts";
import { type Demand, demandOf } from "../../scheduler/demand.ts";
import { suits } from "../../scheduler/filters/index.ts";
import { createOrderedSet, type OrderedSet } from "../../scheduler/ordered-set.ts";
import { wordsFor, wordsOf } from "../../scheduler/words.ts";
import { createTaskQueue, goesBefore, type TaskQueue, type Waiting } from "./task-queue.ts";

/** A group by the task that is next in it. Never changed: with another task at its head it is another. */
export interface Group {
  readonly key: string;
  readonly demand: Demand;
  readonly head: Waiting;
}

export interface WaitingTasks {
  readonly size: number;
  has(taskId: string): boolean;
  /** Returns its group where that is new: nobody knows yet whether a proplet takes it. */
  add(task: Task): Group | undefined;
  delete(taskId: string): void;
  /** The group as it is now; undefined once nobody waits in it. */
  group(key: string): Group | undefined;
  /** Of the groups that the proplet could take a task of now, that which is next in the line of all. */
  firstFor(candidate: Candidate): Group | undefined;
}

interface Line {
  queue: TaskQueue;
  demand: Demand;
  shown: Group | undefined;
}

export function createWaitingTasks(defaultPolicy: Policy): WaitingTasks {
  const lines = new Map<string, Line>();
  const keyOf = new Map<string, string>();
  const byWord = new Map<string, OrderedSet<Group>>();
  let tickets = 0;

  /** Files the group anew where another task is at its head. */
  function refile(key: string, line: Line): void {
    const head = line.queue.first();
    if (head === line.shown?.head) return;
    const words = wordsFor(line.demand);
    if (line.shown !== undefined) for (const word of words) unfile(word, line.shown);
    line.shown = head === undefined ? undefined : { key, demand: line.demand, head };
    if (line.shown === undefined) lines.delete(key);
    else for (const word of words) groupsUnder(word).add(line.shown);
  }

  function unfile(word: string, group: Group): void {
    const groups = byWord.get(word);
    groups?.delete(group);
    if (groups?.size === 0) byWord.delete(word);
  }

  function groupsUnder(word: string): OrderedSet<Group> {
    const known = byWord.get(word);
    if (known !== undefined) return known;
    const groups = createOrderedSet<Group>((a, b) => goesBefore(a.head, b.head), asked);
    byWord.set(word, groups);
    return groups;
  }

  function remove(taskId: string): void {
    const key = keyOf.get(taskId);
    const line = key === undefined ? undefined : lines.get(key);
    if (key === undefined || line === undefined) return;
    keyOf.delete(taskId);
    line.queue.delete(taskId);
    refile(key, line);
  }

  return {
    get size() {
      return keyOf.size;
    },
    has: (taskId) => keyOf.has(taskId),
    add(task) {
      remove(task.id);
      const demand = demandOf(task, defaultPolicy);
      const { slots, cpuMillis, memoryBytes } = demand.needs;
      const key = `${demand.kind} ${slots} ${cpuMillis} ${memoryBytes}`;
      const known = lines.get(key);
      const line = known ?? { queue: createTaskQueue(), demand, shown: undefined };
      if (known === undefined) lines.set(key, line);
      line.queue.add(task, ++tickets);
      keyOf.set(task.id, key);
      refile(key, line);
      return known === undefined ? line.shown : undefined;
    },
    delete: remove,
    group: (key) => lines.get(key)?.shown,
    firstFor(candidate) {
      const { slots, cpuMillis, memoryBytes } = candidate.free;
      const room = { slots: -slots, cpuMillis: -cpuMillis, memoryBytes: -memoryBytes };
      let first: Group | undefined;
      for (const word of wordsOf(candidate)) {
        const group = byWord.get(word)?.firstCovering(room, ({ demand }) => suits(demand, candidate));
        if (group === undefined || (first !== undefined && goesBefore(first.head, group.head) < 0)) continue;
        first = group;
      }
      return first;
    },
  };
}

/** What asks for least covers most: a group fits where what it asks for, below zero, is no less than the room, below zero. */
function asked({ demand: { needs } }: Group) {
  return { slots: -needs.slots, cpuMillis: -needs.cpuMillis, memoryBytes: -needs.memoryBytes };
}
