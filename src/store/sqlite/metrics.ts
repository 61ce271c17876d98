/** Metrics of proplets and tasks: the latest few of each, so that the store doesn't grow for ever. */
import type { Database } from "better-sqlite3";
import type { Listed, Page } from "../store.ts";

/** How many samples of one proplet or task are kept. */
const KEPT = 500;

export function metricsTable<T>(database: Database, kind: "proplet" | "task") {
  const table = `${kind}_metrics`;
  const owner = `${kind}_id`;
  const put = database.prepare<[string, string]>(`INSERT INTO ${table} (${owner}, body) VALUES (?, ?)`);
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
    put(id: string, metrics: T) {
      put.run(id, JSON.stringify(metrics));
      trim.run(id, id);
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
