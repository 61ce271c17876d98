/** Our registry beside Debian's docker-registry, in turn: pushing and pulling a large blob, and many small manifests. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../test/support/free-port.ts";

const MIB = 1_048_576;
const BLOB_BYTES = 256 * MIB;
const ROUNDS = 5;
const MANIFESTS = 5_000;
const CONNECTIONS = 16;
/** Other registries answer with nothing to who does not ask for it. */
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

export interface RegistryFigures {
  /** Medians, MiB a second. */
  push: number;
  pull: number;
  /** `GET` of one manifest, requests a second. */
  manifests: number;
  /** The most memory it had, MiB. */
  memory: number;
}

const digestOf = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

interface Running {
  origin: string;
  process: ChildProcess;
}

async function startOurs(dir: string): Promise<Running> {
  const port = await freePort();
  const args = [
    join(import.meta.dirname, "../bin/dev.js"),
    "registry",
    "--port",
    String(port),
    "--data-dir",
    dir,
  ];
  return waitFor(spawn(process.execPath, args, { stdio: "ignore" }), port);
}

async function startDocker(dir: string): Promise<Running> {
  const port = await freePort();
  const config = join(dir, "config.yml");
  await writeFile(
    config,
    `version: 0.1\nlog:\n  accesslog:\n    disabled: true\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${dir}/data\nhttp:\n  addr: 127.0.0.1:${port}\n`,
  );
  return waitFor(spawn("docker-registry", ["serve", config], { stdio: "ignore" }), port);
}

async function waitFor(process: ChildProcess, port: number): Promise<Running> {
  const origin = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${origin}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
  return { origin, process };
}

async function send(
  url: string,
  options: { method?: string; body?: Uint8Array; agent: Agent; type?: string },
) {
  const { method = "GET", body, agent, type } = options;
  const headers = {
    "content-length": body?.byteLength ?? 0,
    ...(type === undefined ? {} : { "content-type": type }),
  };
  const asked = request(url, {
    method,
    agent,
    headers: body === undefined ? { accept: MANIFEST_TYPE } : headers,
  });
  asked.end(body);
  const [answer] = await once(asked, "response");
  let sizeBytes = 0;
  for await (const chunk of answer) sizeBytes += chunk.length;
  return { status: answer.statusCode as number, location: answer.headers.location as string, sizeBytes };
}

async function pushOnce(origin: string, agent: Agent, blob: Buffer): Promise<number> {
  const digest = digestOf(blob);
  const start = performance.now();
  const { location } = await send(`${origin}/v2/bench/blobs/uploads/`, {
    method: "POST",
    agent,
    body: Buffer.alloc(0),
  });
  const url = new URL(location, origin);
  url.searchParams.set("digest", digest);
  const { status } = await send(url.href, {
    method: "PUT",
    agent,
    body: blob,
    type: "application/octet-stream",
  });
  if (status !== 201) throw new Error(`pushing was answered with ${status}`);
  return blob.byteLength / MIB / ((performance.now() - start) / 1_000);
}

async function pullOnce(origin: string, agent: Agent, digest: string): Promise<number> {
  const start = performance.now();
  const { sizeBytes } = await send(`${origin}/v2/bench/blobs/${digest}`, { agent });
  if (sizeBytes !== BLOB_BYTES) throw new Error(`pulling brought ${sizeBytes} bytes`);
  return sizeBytes / MIB / ((performance.now() - start) / 1_000);
}

async function manifestsPerSecond(origin: string, agent: Agent, digest: string): Promise<number> {
  const config = { mediaType: "application/octet-stream", digest, size: BLOB_BYTES };
  const body = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers: [config] }),
  );
  const url = `${origin}/v2/bench/manifests/1`;
  const { status } = await send(url, { method: "PUT", agent, body, type: MANIFEST_TYPE });
  if (status !== 201) throw new Error(`the manifest was answered with ${status}`);
  const start = performance.now();
  let left = MANIFESTS;
  const ask = async () => {
    while (left-- > 0) {
      const answer = await send(url, { agent });
      if (answer.status !== 200) throw new Error(`a manifest was answered with ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return MANIFESTS / ((performance.now() - start) / 1_000);
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** Both, in turn, so that what the machine does beside hits both. */
export async function benchRegistry(): Promise<{ ours: RegistryFigures; docker: RegistryFigures }> {
  const dir = await mkdtemp(join(tmpdir(), "prop-bench-registry-"));
  const dockerDir = await mkdtemp(join(tmpdir(), "prop-bench-registry-"));
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const both = [await startOurs(dir), await startDocker(dockerDir)];
  const figures = both.map(() => ({ push: [] as number[], pull: [] as number[], manifests: [] as number[] }));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const blob = randomBytes(BLOB_BYTES);
      const digest = digestOf(blob);
      for (const [index, { origin }] of both.entries()) {
        const own = figures[index];
        own?.push.push(await pushOnce(origin, agent, blob));
        own?.pull.push(await pullOnce(origin, agent, digest));
        own?.manifests.push(await manifestsPerSecond(origin, agent, digest));
      }
    }
    const [ours, docker] = await Promise.all(
      both.map(async ({ process }, index) => ({
        push: median(figures[index]?.push ?? []),
        pull: median(figures[index]?.pull ?? []),
        manifests: median(figures[index]?.manifests ?? []),
        memory: await memoryOf(process.pid),
      })),
    );
    if (ours === undefined || docker === undefined) throw new Error("there are no figures");
    return { ours, docker };
  } finally {
    agent.destroy();
    for (const { process } of both) {
      process.kill();
      if (process.exitCode === null) await once(process, "exit");
    }
    for (const folder of [dir, dockerDir]) await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { ours, docker } = await benchRegistry();
  for (const [what, unit] of [
    ["push", "MiB/s"],
    ["pull", "MiB/s"],
    ["manifests", "/s"],
    ["memory", "MiB"],
  ] as const) {
    const ratio = (ours[what] / docker[what]).toFixed(2);
    console.log(
      `${what.padEnd(12)}${ours[what].toFixed(0)} ${unit}, docker-registry ${docker[what].toFixed(0)} ${unit}: ${ratio} ×`,
    );
  }
}
