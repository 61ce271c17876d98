/** How a run is told to the manager: a result and, where it failed, why. */
import type { RunOutcome } from "../engine/engine.ts";
import { messageOf, PropError } from "../errors.ts";
import type { Log } from "../telemetry/logger.ts";

export interface Report {
  results: string;
  error: string | null;
  /** It did not end: another proplet may run it at once. */
  handed_back?: true;
}

const TAIL_BYTES = 2_000;

export function reportOf({ result, exitCode, stderr, failure }: RunOutcome): Report {
  if (failure !== undefined) {
    // A panic says on stderr what the trap doesn't.
    const said = failure.code === "MODULE_TRAPPED" ? tailOf(stderr) : "";
    return { results: result, error: said === "" ? failure.message : `${failure.message}\n${said}` };
  }
  if (exitCode === 0) return { results: result, error: null };
  const said = tailOf(stderr);
  return { results: result, error: said === "" ? `exit code ${exitCode}` : `exit code ${exitCode}: ${said}` };
}

export function failed(error: string): Report {
  return { results: "", error };
}

/** The report of a task that this proplet does not finish. */
export function handedBack(reason: string): Report {
  return { ...failed(reason), handed_back: true };
}

/** The report of what was thrown; a bug of ours is logged with its stack, and costs this task alone. */
export function reportOfError(error: unknown, log: Log): Report {
  if (error instanceof PropError) return failed(error.message);
  log.error("internal error", { stack: error instanceof Error ? (error.stack ?? "") : String(error) });
  return failed(`internal error of the proplet: ${messageOf(error)}`);
}

function tailOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(-TAIL_BYTES)).toString().trim();
}
