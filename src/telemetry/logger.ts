/** Logs on stderr: lines for people on a terminal, JSON elsewhere. */
import { pino } from "pino";
import { printable } from "./printable.ts";

export type LogFields = Record<string, unknown>;
export type LogMethod = (message: string, fields?: LogFields) => void;

/** What a room needs to tell what it does. */
export interface Log {
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
}

export interface Logger extends Log {
  debug: LogMethod;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** What is less than this isn't shown; `info` by default. */
  level?: LogLevel;
  /** Who speaks: `proplet`, `manager`. */
  name: string;
  /** Where the lines go; stderr by default. */
  output?: { write(line: string): unknown; isTTY?: boolean };
}

/** Creates a logger. Each line is written at once, so that nothing is lost where the process is killed. */
export function createLogger({ level = "info", name, output = process.stderr }: LoggerOptions): Logger {
  return output.isTTY === true ? forPeople(level, output) : forMachines(level, name, output);
}

type Output = NonNullable<LoggerOptions["output"]>;

function forMachines(level: LogLevel, name: string, output: Output): Logger {
  const logger = pino(
    { name, level, base: { name }, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => output.write(line) },
  );
  const method =
    (at: LogLevel): LogMethod =>
    (message, fields = {}) =>
      logger[at](fields, message);
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}

function forPeople(level: LogLevel, output: Output): Logger {
  const method = (at: LogLevel): LogMethod => {
    if (logLevels.indexOf(at) < logLevels.indexOf(level)) return () => {};
    const mark = at === "info" ? "" : `${at}: `;
    return (message, fields) => output.write(`${mark}${printable(`${message}${shown(fields)}`)}\n`);
  };
  return { debug: method("debug"), info: method("info"), warn: method("warn"), error: method("error") };
}

function shown(fields: LogFields = {}): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
