/** Proplets, functions and tokens: few, whole, always in memory too. */
import type { Database } from "better-sqlite3";

export interface RecordTable<T> {
  put(key: string, record: T): void;
  remove(key: string): void;
  all(): T[];
}

export function recordTable<T>(
  database: Database,
  table: "proplets" | "functions" | "tokens",
): RecordTable<T> {
  const key = table === "functions" ? "name" : "id";
  const put = database.prepare<[string, string]>(`REPLACE INTO ${table} VALUES (?, ?)`);
  const remove = database.prepare<[string]>(`DELETE FROM ${table} WHERE ${key} = ?`);
  const all = database.prepare<[], { body: string }>(`SELECT body FROM ${table} ORDER BY ${key}`);
  return {
    put(key, record) {
      put.run(key, JSON.stringify(record));
    },
    remove(key) {
      remove.run(key);
    },
    all: () => all.all().map(({ body }) => JSON.parse(body) as T),
  };
}
