/** `prop dev --detach`: another process of prop, which goes on when this one ends. */
import { spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { PropError } from "../errors.ts";
import type { Shown } from "./dev-event.ts";
import { findRunningDev } from "./running-dev.ts";

const message = Type.Union([
  Type.Object({
    type: Type.Literal("shown"),
    stream: Type.Union([Type.Literal("stdout"), Type.Literal("stderr")]),
    text: Type.String(),
  }),
  Type.Object({ type: Type.Literal("ready") }),
  Type.Object({
    type: Type.Literal("failed"),
    code: Type.String(),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    exitCode: Type.Union([Type.Literal(1), Type.Literal(2)]),
  }),
]);
type BackgroundMessage = Static<typeof message>;

export interface BackgroundOptions {
  /** Of `prop`, without `--detach`. */
  args: readonly string[];
  /** Where its output goes; nowhere for an ephemeral one. */
  dataDir: string | "ephemeral";
  /** What it shows until it is ready. */
  onShown: (shown: Shown) => void;
  /** Ends it, while it isn't ready. */
  signal: AbortSignal;
}

/**
 * Starts `prop dev` in the background, and resolves when it is ready.
 * @throws PropError what kept it from starting; `DEV_FAILED` where it ended without a word
 */
export async function startInBackground({
  args,
  dataDir,
  onShown,
  signal,
}: BackgroundOptions): Promise<void> {
  const log = dataDir === "ephemeral" ? undefined : await openLog(dataDir);
  const output = log?.fd ?? "ignore";
  const [node = "", prop = ""] = [process.execPath, process.argv[1]];
  const child = spawn(node, [...process.execArgv, prop, ...args], {
    detached: true,
    stdio: ["ignore", output, output, "ipc"],
  });
  const abort = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", abort);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on("message", (value: unknown) => {
        const said = Value.Parse(message, value);
        if (said.type === "shown") onShown(said);
        else if (said.type === "ready") resolve();
        else reject(new PropError({ ...said }));
      });
      child.once("error", reject);
      child.once("exit", () => reject(endedEarly(dataDir)));
    });
  } finally {
    signal.removeEventListener("abort", abort);
    if (child.connected) child.disconnect();
    child.unref();
    await log?.close();
  }
}

/** The other side: tells the process that started this one, as long as it listens. */
export function tellStarter(said: BackgroundMessage): void {
  if (process.connected) process.send?.(said);
}

/** Tells it why this process ends instead of being ready. What isn't a PropError is a bug, and in the log. */
export function tellStarterOfFailure(error: unknown): void {
  if (!(error instanceof PropError)) return;
  const { code, message, hint, exitCode } = error;
  tellStarter({ type: "failed", code, message, exitCode, ...(hint === undefined ? {} : { hint }) });
}

async function openLog(dataDir: string) {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // One that runs there keeps its log; this one will be refused.
  const isRunning = (await findRunningDev(dataDir, dataDir, process.env)) !== undefined;
  return await open(join(dataDir, "dev.log"), isRunning ? "a" : "w", 0o600);
}

function endedEarly(dataDir: string): PropError {
  return new PropError({
    code: "DEV_FAILED",
    message: "prop dev ended before it was ready",
    ...(dataDir === "ephemeral" ? {} : { hint: `What it said is in ${join(dataDir, "dev.log")}` }),
  });
}
