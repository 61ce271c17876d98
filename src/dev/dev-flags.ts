/** The flags of `prop dev`, and what they come to. */
import { Flags } from "@oclif/core";
import { mirrorEntries, registryFlags } from "../config/registry-flags.ts";
import { type RetentionFlags, retentionFlags, retentionOf } from "../config/retention-flags.ts";
import type { Environment } from "../config/user-dirs.ts";
import { dataDirPath } from "./data-dir.ts";

const portFlag = (what: string, usual: number) =>
  Flags.integer({
    description: `Port of the ${what} (default: ${usual}, or a free one where it is taken).`,
    min: 0,
    max: 65_535,
  });

export const devFlags = {
  proplets: Flags.integer({ description: "How many proplets.", default: 2, min: 1, max: 64 }),
  port: portFlag("HTTP API", 7070),
  "mqtt-port": portFlag("broker", 1883),
  "registry-port": portFlag("registry of images", 5000),
  data: Flags.string({ description: "Folder for its state (default: .prop).", exclusive: ["ephemeral"] }),
  ephemeral: Flags.boolean({ description: "Keep nothing: state is gone when it ends." }),
  ...registryFlags,
  ...retentionFlags,
};

export interface DevFlags extends RetentionFlags {
  proplets: number;
  port?: number | undefined;
  "mqtt-port"?: number | undefined;
  "registry-port"?: number | undefined;
  data?: string | undefined;
  ephemeral: boolean;
  "registry-mirror"?: string[] | undefined;
}

/** As `startDev` takes them, for a `prop dev` in `projectDir`. */
export function devSettings(flags: DevFlags, projectDir: string, env: Environment) {
  const { proplets, port, "mqtt-port": mqttPort, "registry-port": registryPort } = flags;
  return {
    projectDir,
    env,
    dataDir: flags.ephemeral ? ("ephemeral" as const) : dataDirPath(flags.data, projectDir),
    proplets,
    ...(port === undefined ? {} : { port }),
    ...(mqttPort === undefined ? {} : { mqttPort }),
    ...(registryPort === undefined ? {} : { registryPort }),
    retention: retentionOf(flags),
    mirrors: mirrorEntries(flags["registry-mirror"], env),
  };
}
