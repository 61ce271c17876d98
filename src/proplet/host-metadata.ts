/** What a proplet says of the machine it runs on. */
import { arch, hostname, networkInterfaces, platform, totalmem } from "node:os";
import process from "node:process";
import type { PropletMetadata } from "../protocol/messages/discovery.ts";

export interface Described {
  description?: string;
  tags?: string[];
  location?: string;
}

/** The metadata of a proplet on this machine; `version` is prop's. */
export function hostMetadata(version: string, described: Described = {}): PropletMetadata {
  const ip = address();
  return {
    ...described,
    ...(ip !== undefined && { ip }),
    environment: environmentOf(process.env),
    os: platform(),
    hostname: hostname(),
    cpu_arch: architectures.get(arch()) ?? arch(),
    total_memory_bytes: totalmem(),
    proplet_version: version,
    wasm_runtime: `v8-${process.versions.v8}`,
  };
}

const architectures = new Map([
  ["x64", "x86_64"],
  ["arm64", "aarch64"],
]);

function environmentOf(env: NodeJS.ProcessEnv): string {
  return env.KUBERNETES_SERVICE_HOST === undefined ? "host" : "kubernetes";
}

function address(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}
