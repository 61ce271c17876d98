/** A `prop dev` of another process: whether it is the one it is taken for, and how it is ended. */
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../api/client.ts";
import { type DevRecord, findDevRecord, readDevRecord } from "../config/dev-record.ts";
import { isProcessAlive } from "../config/process-alive.ts";
import type { Environment } from "../config/user-dirs.ts";
import { PropError, systemCode } from "../errors.ts";

/** How long a living `prop dev` may take to answer. */
const answerMs = 2_000;
/** How long it may take to end, before it is told so once more, and after. */
const endMs = 3_000;
/** Between two looks at a process that isn't our child: the system tells its end to its parent alone. */
const lookMs = 10;

/** Whether what answers at the record's URL is the `prop dev` that wrote it. */
export async function isAnswering({ url, instanceId }: DevRecord): Promise<boolean> {
  try {
    const health = await createClient({ url, signal: AbortSignal.timeout(answerMs) }).health();
    return health.instance_id === instanceId;
  } catch (error) {
    if (error instanceof PropError || isTimeout(error)) return false;
    throw error;
  }
}

/** The running `prop dev` of a data folder, else the one that commands in `cwd` talk to. */
export async function findRunningDev(
  dataDir: string | undefined,
  cwd: string,
  env: Environment,
): Promise<DevRecord | undefined> {
  const record = dataDir === undefined ? await findDevRecord(cwd, env) : await readDevRecord(dataDir);
  if (record === undefined || !isProcessAlive(record.pid)) return undefined;
  return (await isAnswering(record)) ? record : undefined;
}

/**
 * Ends a `prop dev` that was found by `findRunningDev`, and waits until its process is gone.
 * @throws PropError `DEV_NOT_STOPPED`
 */
export async function stopDev({ pid }: DevRecord): Promise<void> {
  for (const _ of ["politely", "at once"]) {
    terminate(pid);
    const deadline = performance.now() + endMs;
    while (isProcessAlive(pid) && performance.now() < deadline) await delay(lookMs);
    if (!isProcessAlive(pid)) return;
  }
  throw new PropError({
    code: "DEV_NOT_STOPPED",
    message: `prop dev with process id ${pid} does not end`,
    hint: `End it by force with: kill -9 ${pid}`,
  });
}

function terminate(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}
