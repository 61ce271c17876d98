/** What a start, or an invocation of it, asks of the engine. */
import type { RunLimits, RunRequest } from "../engine/engine.ts";
import type { Invoke } from "../protocol/messages/invoke.ts";
import type { Start } from "../protocol/messages/start.ts";

/** A daemon prints for as long as it lives. */
const DAEMON_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface RunContext {
  propletId: string;
  signal: AbortSignal;
}

/** The run of a task. */
export function runOf(start: Start, { propletId, signal }: RunContext): RunRequest {
  const { exportName, args } = splitArgs(start.cli_args ?? []);
  const parents = start.parent_results;
  return {
    entry: exportName ?? start.name,
    exact: exportName !== undefined,
    inputs: (start.inputs ?? []).map(String),
    args,
    programName: start.name || "module",
    env: {
      ...(parents !== undefined && { PARENT_RESULTS: JSON.stringify(parents) }),
      ...start.env,
      PROPLET_ID: propletId,
    },
    output: "collect",
    limits: limitsOf(start),
    signal,
  };
}

/** One invocation of a latent task: its own inputs where it has any, its environment over the task's. */
export function invocationOf(
  start: Start,
  invoke: Invoke,
  context: RunContext & { stdin: Uint8Array | undefined },
): RunRequest {
  const task = runOf(start, context);
  const inputs = (invoke.inputs ?? []).map(String);
  return {
    ...task,
    ...(inputs.length > 0 && { inputs }),
    env: { ...task.env, ...invoke.env, PROPLET_ID: context.propletId },
    ...(context.stdin !== undefined && { stdin: context.stdin }),
  };
}

/** `--invoke f` names the export; what is left are the module's own arguments. */
export function splitArgs(cliArgs: readonly string[]): { exportName?: string; args: string[] } {
  const at = cliArgs.findIndex((arg) => arg === "--invoke" || arg.startsWith("--invoke="));
  const flag = cliArgs[at];
  if (flag === undefined) return { args: [...cliArgs] };
  const isJoined = flag !== "--invoke";
  const exportName = isJoined ? flag.slice("--invoke=".length) : cliArgs[at + 1];
  const args = cliArgs.toSpliced(at, isJoined ? 1 : 2);
  return exportName === undefined ? { args } : { exportName, args };
}

function limitsOf({ limits, daemon }: Start): RunLimits {
  return {
    ...(limits?.wall_time_ms !== undefined && { wallTimeMs: limits.wall_time_ms }),
    ...(limits?.memory_bytes !== undefined && { memoryBytes: limits.memory_bytes }),
    ...(daemon === true && { outputBytes: DAEMON_OUTPUT_BYTES }),
  };
}
