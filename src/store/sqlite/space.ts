/** The file's size: space that deleted rows leave is used again, and given back where there is a lot of it. */
import type { Database } from "better-sqlite3";

/** Unused pages that stay for what comes: a share of the file, and at least so many. */
const UNUSED_SHARE = 0.25;
const UNUSED_PAGES = 2_560;
/** How many pages are given back at once. */
const STEP_PAGES = 200;

/** Has an effect only before a database has its first table. */
export function giveSpaceBack(database: Database): void {
  database.pragma("auto_vacuum = INCREMENTAL");
}

/** One step; true where there is more to give back. */
export function shrink(database: Database): boolean {
  if (!hasMuchUnused(database)) return false;
  const before = number(database, "freelist_count");
  database.pragma(`incremental_vacuum(${STEP_PAGES})`);
  // A database of an earlier schema keeps its pages.
  return number(database, "freelist_count") < before && hasMuchUnused(database);
}

function hasMuchUnused(database: Database): boolean {
  const unused = number(database, "freelist_count");
  return unused > UNUSED_PAGES && unused > UNUSED_SHARE * number(database, "page_count");
}

function number(database: Database, pragma: string): number {
  return Number(database.pragma(pragma, { simple: true }));
}
