/** The only error a user sees: what happened, why, what to do next. */

export interface PropErrorOptions {
  /** Stable, in capitals: `REGISTRY_UNAUTHORIZED`. */
  code: string;
  /** Names the thing and the value: `module app.wasm: import "env.foo" is not provided`. */
  message: string;
  /** What the user can do next. */
  hint?: string;
  /** 1 where something failed, 2 where it was asked wrongly. */
  exitCode?: 1 | 2;
  cause?: unknown;
}

/** An error that a user can act on. Anything that is not one is a bug, and crashes with its stack. */
export class PropError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: 1 | 2;

  constructor({ code, message, hint, exitCode = 1, cause }: PropErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "PropError";
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For a log: the message of what a user can act on, the stack of a bug. */
export function traceOf(error: unknown): string {
  if (error instanceof PropError || !(error instanceof Error)) return messageOf(error);
  return error.stack ?? error.message;
}

/** The `code` of a system error (`ENOENT`, `EADDRINUSE`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
