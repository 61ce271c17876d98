/** `GET /tasks`: pages of tasks in the order of creation or the newest first, by state and by what their metadata contain. */
import type { Database } from "better-sqlite3";
import type { Task } from "../../model/task.ts";
import { TaskState } from "../../model/task-state.ts";
import type { Listed, Page, TaskFilter } from "../store.ts";
import { contains } from "./contains.ts";

interface Body {
  body: string;
}
interface Count {
  n: number;
}

/** How many places in the order of creation a filter looks at before it lets others have their turn. */
const WINDOW = 1_000;
/** So many texts tell most tasks apart. */
const PARTS = 8;

export function taskLists(database: Database) {
  const every = listed(database, undefined);
  const byState = new Map(Object.values(TaskState).map((state) => [state, listed(database, state)]));
  const ends = database.prepare<[], { first: number | null; last: number | null }>(
    "SELECT (SELECT min(seq) FROM tasks) AS first, (SELECT max(seq) FROM tasks) AS last",
  );
  const within = (parts: number) =>
    database.prepare<[number, number, ...string[]], Body>(
      `SELECT body FROM tasks WHERE seq BETWEEN ? AND ? ${"AND instr(body, ?) > 0 ".repeat(parts)} ORDER BY seq`,
    );

  /** Looks at one window of tasks after another: each is short, however many tasks there are. */
  async function filtered(
    { offset, limit }: Page,
    metadata: Record<string, unknown>,
    { state, newestFirst }: { state: TaskState | undefined; newestFirst: boolean | undefined },
  ): Promise<Listed<Task>> {
    const found: Listed<Task> = { total: 0, items: [] };
    const parts = partsOf(metadata).slice(0, PARTS);
    const rows = within(parts.length);
    const { first, last } = ends.get() ?? {};
    if (first == null || last == null) return found;
    for (let looked = 0; looked <= last - first; looked += WINDOW) {
      if (looked > 0) await new Promise(setImmediate);
      if (!database.open) return found;
      const from = newestFirst ? last - looked - WINDOW + 1 : first + looked;
      const window = rows.all(from, from + WINDOW - 1, ...parts);
      for (const row of newestFirst ? window.reverse() : window) {
        const task = parse(row);
        if ((state !== undefined && task.state !== state) || !contains(task.metadata, metadata)) continue;
        if (found.total >= offset && found.items.length < limit) found.items.push(task);
        found.total += 1;
      }
    }
    return found;
  }

  return {
    async page(window: Page, { metadata, state, newestFirst }: TaskFilter = {}): Promise<Listed<Task>> {
      if (metadata !== undefined) return filtered(window, metadata, { state, newestFirst });
      const { count, oldest, newest } = (state === undefined ? undefined : byState.get(state)) ?? every;
      const rows = (newestFirst ? newest : oldest).all(window.limit, window.offset);
      return { total: count.get()?.n ?? 0, items: rows.map(parse) };
    },
  };
}

function listed(database: Database, state: TaskState | undefined) {
  const where = state === undefined ? "" : `WHERE ${conditionOf(state)}`;
  // The tasks that ended have an index without their states; most of them are Completed.
  const completed =
    "SELECT (SELECT count(*) FROM tasks WHERE state >= 3) - (SELECT count(*) FROM tasks WHERE state > 3) AS n";
  const page = (order: string) =>
    database.prepare<[number, number], Body>(
      `SELECT body FROM tasks ${where} ORDER BY seq ${order} LIMIT ? OFFSET ?`,
    );
  return {
    oldest: page("ASC"),
    newest: page("DESC"),
    count: database.prepare<[], Count>(
      state === TaskState.Completed ? completed : `SELECT count(*) AS n FROM tasks ${where}`,
    ),
  };
}

/** With the condition of the index that has it: SQLite takes an index only where that is there word by word. */
function conditionOf(state: TaskState): string {
  if (state === TaskState.Completed) return "state = 3";
  return `state = ${state} AND state ${state < TaskState.Completed ? "< 3" : "> 3"}`;
}

/**
 * Texts that a body has to have somewhere in it to contain `wanted`: bodies are written by `JSON.stringify`, so a field
 * with a plain value stands in them in one way only.
 */
function partsOf(wanted: Record<string, unknown>): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const name = `${JSON.stringify(key)}:`;
    if (typeof value !== "object" || value === null) return [name + JSON.stringify(value)];
    return Array.isArray(value) ? [name] : [name, ...partsOf({ ...value })];
  });
}

/** The store trusts what it wrote itself. */
function parse({ body }: Body): Task {
  return JSON.parse(body) as Task;
}
