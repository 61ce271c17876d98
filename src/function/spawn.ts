/** Runs a program to its end: output as it comes, an AbortSignal that stops it. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { systemCode } from "../errors.ts";

export interface SpawnOptions {
  cwd?: string;
  /** Goes before this process's own. */
  env?: Record<string, string>;
  /** Ends the program; the promise then rejects with the signal's reason, after the program is gone. */
  signal?: AbortSignal;
  /** Called with what the program writes, stdout and stderr alike, as it comes. */
  onOutput?: (chunk: Uint8Array) => void;
}

export interface ProgramExit {
  /** 128 + the signal's number where a signal ended it, as a shell has it. */
  exitCode: number;
  stdout: string;
}

/** Runs `file` with nothing on stdin. Rejects where it can't be started (`ENOENT`), not for its exit code. */
export function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, signal, onOutput }: SpawnOptions = {},
): Promise<ProgramExit> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<ProgramExit>();
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void child.kill();
  signal?.addEventListener("abort", stop, { once: true });
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    onOutput?.(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => onOutput?.(chunk));
  child.on("error", reject);
  child.on("close", (code, killedBy) => {
    signal?.removeEventListener("abort", stop);
    if (signal?.aborted) reject(signal.reason);
    else
      resolve({
        exitCode: code ?? 128 + constants.signals[killedBy ?? "SIGTERM"],
        stdout: Buffer.concat(stdout).toString(),
      });
  });
  return promise;
}

/** What a program writes on stdout; undefined where it isn't there or fails. For asking a compiler about itself. */
export async function askProgram(
  file: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await runProgram(file, args, options);
    return exitCode === 0 ? stdout : undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "EACCES") return undefined;
    throw error;
  }
}
