/** The flags of a manager's patience: with proplets, with attempts, and with itself when it is told to stop. */
import { Flags } from "@oclif/core";
import { durationFlag } from "./peer-env.ts";

/** Of a manager: how it places tasks, and gives them up. */
const group = { helpGroup: "PLACEMENT" };

export const attemptFlags = {
  "offline-threshold": durationFlag({
    description: "A proplet that is silent for longer is taken for gone (default: 25s).",
    env: "OFFLINE_THRESHOLD",
    ...group,
  }),
  "accept-timeout": durationFlag({
    description: "A start that is not accepted for longer is sent again, then elsewhere (default: 10s).",
    env: "MANAGER_ACCEPT_TIMEOUT",
    ...group,
  }),
  "max-attempts": Flags.integer({
    description: "Attempts that may be lost with their proplets before a task fails (default: 5).",
    env: "MANAGER_MAX_ATTEMPTS",
    min: 1,
    ...group,
  }),
  grace: durationFlag({
    description: "What requests under way may take when it is told to stop (default: 10s).",
    env: "MANAGER_GRACE",
  }),
};

export interface AttemptFlags {
  "offline-threshold"?: number | undefined;
  "accept-timeout"?: number | undefined;
  "max-attempts"?: number | undefined;
  grace?: number | undefined;
}

export interface AttemptSettings {
  offlineThresholdMs?: number;
  acceptTimeoutMs?: number;
  maxAttempts?: number;
  graceMs: number;
}

/** As `serveManager` takes them; what is not set is the manager's own to choose. */
export function attemptSettings(flags: AttemptFlags): AttemptSettings {
  const offlineThresholdMs = flags["offline-threshold"];
  const acceptTimeoutMs = flags["accept-timeout"];
  const maxAttempts = flags["max-attempts"];
  return {
    ...(offlineThresholdMs === undefined ? {} : { offlineThresholdMs }),
    ...(acceptTimeoutMs === undefined ? {} : { acceptTimeoutMs }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    graceMs: flags.grace ?? 10_000,
  };
}
