/** The base of every command: how errors, hints and exit codes reach the user. */
import { Command, Errors } from "@oclif/core";
import { messageOf, PropError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { usageMessage } from "./usage-message.ts";

export abstract class PropCommand extends Command {
  /** Talk goes to stderr: stdout is for data. */
  protected talk(line: string): void {
    this.logToStderr(line);
  }

  /** Stdout, where it is a terminal that may be drawn on. */
  protected get terminal(): NodeJS.WriteStream | undefined {
    return process.stdout.isTTY && !this.jsonEnabled() ? process.stdout : undefined;
  }

  protected override async catch(error: Error): Promise<never> {
    if (error instanceof Errors.ExitError) throw error;
    const shown = presentable(error, this.ctor as typeof Command, this.argv);
    if (shown === undefined) throw error;
    process.exitCode = shown.exitCode;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(shown));
    else process.stderr.write(renderError(shown));
    throw new Errors.ExitError(shown.exitCode);
  }

  protected override toErrorJson(error: unknown): unknown {
    if (!(error instanceof PropError)) return { error: { code: "UNEXPECTED", message: messageOf(error) } };
    const { code, message, hint } = error;
    return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
}

/** An error as lines for a terminal: what happened, then what to do. */
export function renderError(error: PropError): string {
  const hint = error.hint === undefined ? "" : `  ${error.hint.replaceAll("\n", "\n  ")}\n`;
  return `Error: ${error.message}\n${hint}`;
}

function presentable(error: Error, command: typeof Command, argv: readonly string[]): PropError | undefined {
  if (error instanceof PropError) return named(error, command, argv);
  if (isCancelledPrompt(error)) return new PropError({ code: "CANCELLED", message: "cancelled" });
  if (!isUsageError(error)) return undefined;
  const hints = [suggestFlag(error, command), `See: prop ${(command.id ?? "").replaceAll(":", " ")} --help`];
  return new PropError({
    code: "USAGE",
    message: withVariable(usageMessage(error.message), command, argv),
    hint: hints.filter((hint) => hint !== undefined).join("\n"),
    exitCode: 2,
    cause: error,
  });
}

/** What a flag's own parser throws, the caller of that parser puts its name and more before. */
function named(error: PropError, command: typeof Command, argv: readonly string[]): PropError {
  if (!error.message.startsWith("Parsing --")) return error;
  const { code, hint, exitCode } = error;
  const message = withVariable(usageMessage(error.message), command, argv);
  return new PropError({ code, message, ...(hint === undefined ? {} : { hint }), exitCode, cause: error });
}

/** A value that nobody wrote on the command line came from the flag's variable. */
function withVariable(message: string, command: typeof Command, argv: readonly string[]): string {
  const name = /^--([\w-]+): /.exec(message)?.[1];
  const variable = name === undefined ? undefined : command.flags[name]?.env;
  if (variable === undefined || process.env[variable] === undefined) return message;
  return argv.some((word) => word.startsWith(`--${name}`)) ? message : `${variable}: ${message}`;
}

/** oclif's own errors are all about how the command was called. */
function isUsageError(error: Error): boolean {
  return error instanceof Errors.CLIError;
}

function isCancelledPrompt(error: Error): boolean {
  return error.name === "ExitPromptError" || error.name === "AbortPromptError";
}

function suggestFlag(error: Error, command: typeof Command): string | undefined {
  if (!("flags" in error) || !Array.isArray(error.flags)) return undefined;
  const known = Object.keys({ ...command.baseFlags, ...command.flags, help: 1 }).map((name) => `--${name}`);
  const found = nearest(String(error.flags[0]), known);
  return found === undefined ? undefined : `Did you mean ${found}?`;
}
