/** One `prop dev` uses a data folder at a time. */
import { type DevRecord, readDevRecord } from "../config/dev-record.ts";
import { isProcessAlive } from "../config/process-alive.ts";
import { PropError } from "../errors.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Store } from "../store/store.ts";
import type { DataDir } from "./data-dir.ts";
import { isAnswering } from "./running-dev.ts";

/**
 * Makes sure that no `prop dev` answers for this data folder: quicker, and with better words, than the store's lock.
 * @throws PropError `DEV_RUNNING`
 */
export async function checkNotRunning(dataDir: string): Promise<void> {
  const record = await readDevRecord(dataDir);
  if (record !== undefined && isProcessAlive(record.pid) && (await isAnswering(record))) {
    throw alreadyRunning(record.dataDir, record);
  }
}

/**
 * Opens the store, whose lock ends with the process that holds it, however that ends.
 * @throws PropError `DEV_RUNNING`, and those of the store
 */
export async function openDevStore({ storePath, path }: DataDir): Promise<Store> {
  try {
    return openSqliteStore({ path: storePath });
  } catch (error) {
    if (!(error instanceof PropError) || error.code !== "STORE_IN_USE") throw error;
    throw alreadyRunning(path, await readDevRecord(path), error);
  }
}

function alreadyRunning(dataDir: string, record: DevRecord | undefined, cause?: unknown): PropError {
  const who = record === undefined ? "another prop dev" : `prop dev with process id ${record.pid}`;
  return new PropError({
    code: "DEV_RUNNING",
    message: `${who} uses ${dataDir} already`,
    hint: "See it with: prop dev status\nEnd it with: prop dev stop\nOr start one with state of its own: prop dev --ephemeral",
    ...(cause === undefined ? {} : { cause }),
  });
}
