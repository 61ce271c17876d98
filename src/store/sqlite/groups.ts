/** Jobs and workflows: whole records, the newest first. Their tasks are in the tasks' own table. */
import type { Database } from "better-sqlite3";
import type { Listed, Page } from "../store.ts";

interface Body {
  body: string;
}

export function groupTable<T extends { id: string }>(database: Database, table: "jobs" | "workflows") {
  const put = database.prepare<[string, string]>(
    `INSERT INTO ${table} (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
  );
  const one = database.prepare<[string], Body>(`SELECT body FROM ${table} WHERE id = ?`);
  const page = database.prepare<[number, number], Body>(
    `SELECT body FROM ${table} ORDER BY seq DESC LIMIT ? OFFSET ?`,
  );
  const count = database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`);
  const remove = database.prepare<[string]>(`DELETE FROM ${table} WHERE id = ?`);
  const parse = ({ body }: Body) => JSON.parse(body) as T;
  return {
    put(record: T) {
      put.run(record.id, JSON.stringify(record));
    },
    remove(id: string) {
      remove.run(id);
    },
    one: (id: string): T | undefined => one.all(id).map(parse)[0],
    page: ({ offset, limit }: Page): Listed<T> => ({
      total: count.get()?.n ?? 0,
      items: page.all(limit, offset).map(parse),
    }),
  };
}
