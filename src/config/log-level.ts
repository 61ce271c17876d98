/** Levels as existing deployments write them: Go takes any case, Rust has one more. */
import { PropError } from "../errors.ts";
import { type LogLevel, logLevels } from "../telemetry/logger.ts";

const OTHER_NAMES: ReadonlyMap<string, LogLevel> = new Map([
  ["trace", "debug"],
  ["warning", "warn"],
]);

/** @throws PropError `LOG_LEVEL_INVALID` */
export function parseLogLevel(text: string): LogLevel {
  const name = text.trim().toLowerCase();
  const level = logLevels.find((known) => known === name) ?? OTHER_NAMES.get(name);
  if (level !== undefined) return level;
  throw new PropError({
    code: "LOG_LEVEL_INVALID",
    message: `"${text}" is no level of a log: it is ${logLevels.join(", ")}`,
    exitCode: 2,
  });
}
