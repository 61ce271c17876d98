/** Our client of registries beside skopeo, in turn, at one docker-registry: pushing and pulling a large module, whole processes. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobOfFile } from "../src/registry/client/blob.ts";
import { downloadBlob } from "../src/registry/client/download.ts";
import { endpointOf } from "../src/registry/client/endpoint.ts";
import { openRegistryClient } from "../src/registry/client/open-client.ts";
import { uploadBlob } from "../src/registry/client/upload.ts";
import { createBlobStore } from "../src/registry/store/blob-store.ts";
import { freePort } from "../test/support/free-port.ts";

const MIB = 1_048_576;
const MODULE_BYTES = 256 * MIB;
const ROUNDS = 3;

interface Rates {
  /** `prop` from its sources, its start included. */
  ours: number;
  /** Our client in this process: digest and transfer, no start. */
  client: number;
  /** `skopeo`, its start included. */
  skopeo: number;
}

export interface OciFigures {
  /** Medians, MiB a second. */
  push: Rates;
  pull: Rates;
}

/** A module whose one section, which nobody reads, is all of it. */
function largeModule(): Buffer {
  const content = Buffer.concat([Buffer.from([1, 120]), randomBytes(MODULE_BYTES)]);
  const size = [0, 7, 14, 21].map((bits) => ((content.length >> bits) & 127) | 128);
  return Buffer.concat([
    Buffer.from("0061736d0100000000", "hex"),
    Buffer.from([...size, content.length >> 28]),
    content,
  ]);
}

async function startRegistry(dir: string) {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(dir, "config.yml");
  await writeFile(
    config,
    `version: 0.1\nlog:\n  accesslog:\n    disabled: true\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${dir}/data\nhttp:\n  addr: ${host}\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const answers = () =>
    fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
  return { host, child };
}

/** Under another name than the process pushed it: nothing is there, and nothing can be mounted. */
async function timeClient(
  host: string,
  dir: string,
  file: string,
  seconds: Record<"push" | "pull", Record<keyof Rates, number[]>>,
): Promise<void> {
  const { ask, mirrors } = openRegistryClient([], {});
  const { signal } = new AbortController();
  const from = { registry: host, repository: "client" };
  const target = { ask, endpoint: endpointOf(host, mirrors), repository: "client", image: "client", signal };
  let start = performance.now();
  const blob = await blobOfFile(file);
  await uploadBlob(target, blob);
  seconds.push.client.push((performance.now() - start) / 1_000);
  start = performance.now();
  const store = createBlobStore(join(dir, "blobs"));
  const whole = { digest: blob.digest, size: blob.sizeBytes };
  await downloadBlob(from, whole, { ask, mirrors, signal, store, partialsDir: join(dir, "partial") });
  seconds.pull.client.push((performance.now() - start) / 1_000);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Each round pushes to a data folder of its own and pulls with an empty cache: nothing is there already. */
export async function benchOci(): Promise<OciFigures> {
  const dir = await mkdtemp(join(tmpdir(), "prop-bench-oci-"));
  const none = () => ({ ours: [], client: [], skopeo: [] }) as Record<keyof Rates, number[]>;
  const seconds = { push: none(), pull: none() };
  const timed = (into: number[], command: string, args: string[], env = {}) => {
    const start = performance.now();
    execFileSync(command, args, { cwd: dir, stdio: "ignore", env: { ...process.env, ...env } });
    into.push((performance.now() - start) / 1_000);
  };
  const bin = join(import.meta.dirname, "../bin/dev.js");
  const skopeo = (...args: string[]) => ["--insecure-policy", "copy", ...args];
  try {
    await writeFile(join(dir, "large.wasm"), largeModule());
    for (let round = 0; round < ROUNDS; round++) {
      const at = join(dir, `round${round}`);
      execFileSync("mkdir", [at, `${at}/a`, `${at}/b`]);
      const [ours, theirs] = [await startRegistry(`${at}/a`), await startRegistry(`${at}/b`)];
      const cache = { PROP_CACHE_DIR: `${at}/cache` };
      try {
        timed(
          seconds.push.ours,
          process.execPath,
          [bin, "push", `${ours.host}/large:1`, "large.wasm"],
          cache,
        );
        const image = `docker://${ours.host}/large:1`;
        timed(seconds.pull.skopeo, "skopeo", skopeo("--src-tls-verify=false", image, `oci:${at}/layout:1`));
        const target = `docker://${theirs.host}/large:1`;
        timed(seconds.push.skopeo, "skopeo", skopeo("--dest-tls-verify=false", `oci:${at}/layout:1`, target));
        await timeClient(ours.host, at, join(dir, "large.wasm"), seconds);
        const pull = [bin, "pull", `${ours.host}/large:1`, "-o", `${at}/got.wasm`];
        timed(seconds.pull.ours, process.execPath, pull, cache);
      } finally {
        for (const { child } of [ours, theirs]) {
          child.kill();
          await once(child, "exit");
        }
        await rm(at, { recursive: true });
      }
    }
  } finally {
    await rm(dir, { recursive: true });
  }
  const rate = (values: number[]) => MODULE_BYTES / MIB / median(values);
  const both = ({ ours, client, skopeo }: Record<keyof Rates, number[]>) => ({
    ours: rate(ours),
    client: rate(client),
    skopeo: rate(skopeo),
  });
  return { push: both(seconds.push), pull: both(seconds.pull) };
}

if (import.meta.main) {
  const figures = await benchOci();
  for (const [what, { ours, client, skopeo }] of Object.entries(figures)) {
    const against = (value: number) => `${value.toFixed(0)} MiB/s, ${(value / skopeo).toFixed(2)} × skopeo's`;
    console.log(
      `${what}: ${against(client)}; with the start of prop ${against(ours)} ${skopeo.toFixed(0)} MiB/s`,
    );
  }
}
