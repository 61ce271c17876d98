/** Metrics of proplets and tasks: the latest few of each, so that the store doesn't grow for ever. */
import type { Database } from "better-sqlite3";
import type { Listed, MetricsLimits, Page } from "../store.ts";

/** How many samples of one proplet or task are kept. */
const KEPT = 500;
/** How many go at once where many are too old. */
const BATCH = 200;

export function metricsTable<T>(database: Database, kind: "proplet" | "task") {
  const table = `${kind}_metrics`;
  const owner = `${kind}_id`;
  const put = database.prepare<[string, string, string | null]>(
    `INSERT INTO ${table} (${owner}, body, at) VALUES (?, ?, ?)`,
  );
  // They came in the order of `seq`: what is older than the first that is young enough is too old.
  const oldest = database.prepare<[number], { seq: number; at: string | null }>(
    `SELECT seq, at FROM ${table} ORDER BY seq LIMIT ?`,
  );
  const latest = database.prepare<[], { seq: number }>(`SELECT seq FROM ${table} ORDER BY seq DESC LIMIT 1`);
  const removeUntil = database.prepare<[number]>(`DELETE FROM ${table} WHERE seq <= ?`);
  const trim = database.prepare<[string, string]>(
    `DELETE FROM ${table} WHERE ${owner} = ? AND seq <=
       (SELECT seq FROM ${table} WHERE ${owner} = ? ORDER BY seq DESC LIMIT 1 OFFSET ${KEPT})`,
  );
  const remove = database.prepare<[string]>(`DELETE FROM ${table} WHERE ${owner} = ?`);
  const count = database.prepare<[string], { n: number }>(
    `SELECT count(*) AS n FROM ${table} WHERE ${owner} = ?`,
  );
  const page = database.prepare<[string, number, number], { body: string }>(
    `SELECT body FROM ${table} WHERE ${owner} = ? ORDER BY seq DESC LIMIT ? OFFSET ?`,
  );
  return {
    put(id: string, metrics: T, at: string | undefined) {
      put.run(id, JSON.stringify(metrics), at ?? null);
      trim.run(id, id);
    },
    /** Deletes some of those that are too old or too many; true where there are more. */
    trim({ before, count }: MetricsLimits): boolean {
      const tooMany = (latest.get()?.seq ?? 0) - count;
      const gone = oldest
        .all(BATCH)
        .filter(({ seq, at }) => seq <= tooMany || (before !== undefined && (at ?? "") < before));
      const last = gone.at(-1);
      if (last !== undefined) removeUntil.run(last.seq);
      return gone.length === BATCH;
    },
    remove(id: string) {
      remove.run(id);
    },
    page: (id: string, { offset, limit }: Page): Listed<T> => ({
      total: count.get(id)?.n ?? 0,
      items: page.all(id, limit, offset).map(({ body }) => JSON.parse(body) as T),
    }),
  };
}
