/** A module that nobody has seen: from a registry to its first result on `prop dev`, over the transfer itself. */
import { randomBytes } from "node:crypto";
import { freePort } from "../test/support/free-port.ts";
import { pushModule } from "../test/support/push-module.ts";
import { followEvents, httpClient } from "./support/http.ts";
import { addModule } from "./support/modules.ts";
import { openStage } from "./support/processes.ts";

export interface FirstRunFigures {
  sizeBytes: number;
  /** Medians. Milliseconds. */
  transferMs: number;
  firstMs: number;
  againMs: number;
}

const ROUNDS = 15;

export async function benchFirstRun(sizes = [1_000, 1_048_576, 8 * 1_048_576]): Promise<FirstRunFigures[]> {
  const stage = await openStage();
  try {
    const port = await freePort();
    stage.prop("registry", "--port", String(port), "--data-dir", `${stage.directory}/images`);
    const registry = httpClient(`http://127.0.0.1:${port}`, 1);
    await registry.waitFor("/v2/", ({ status }) => status === 200);
    registry.close();
    const dev = await stage.dev();
    const figures: FirstRunFigures[] = [];
    for (const sizeBytes of sizes) figures.push(await measure(dev, `127.0.0.1:${port}`, sizeBytes));
    return figures;
  } finally {
    await stage.close();
  }
}

async function measure(dev: string, host: string, sizeBytes: number): Promise<FirstRunFigures> {
  const http = httpClient(dev, 2);
  const ended = new Map<string, () => void>();
  const stop = await followEvents(dev, ({ task_id, state }) => {
    if (state === "Completed" || state === "Failed") ended.get(String(task_id))?.();
  });
  const times = { transfer: [] as number[], first: [] as number[], again: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const name = `m${sizeBytes}:${round}`;
    await pushModule(`http://${host}`, name, unseen(sizeBytes));
    times.first.push(await timed(() => run(`${host}/${name}`)));
    times.again.push(await timed(() => run(`${host}/${name}`)));
    times.transfer.push(await timed(() => transfer(`http://${host}`, name)));
  }
  stop();
  http.close();
  return {
    sizeBytes,
    transferMs: median(times.transfer),
    firstMs: median(times.first),
    againMs: median(times.again),
  };

  async function run(image_url: string): Promise<void> {
    const { body } = await http.send("POST", "/tasks", { name: "add", image_url, inputs: ["1", "2"] });
    const { id } = body as { id: string };
    const end = new Promise<void>((resolve) => ended.set(id, resolve));
    await http.send("POST", `/tasks/${id}/start`);
    await end;
    const { body: task } = await http.send("GET", `/tasks/${id}`);
    if ((task as { results?: string }).results !== "3") throw new Error(JSON.stringify(task));
  }
}

/** The manifest and the layer, by the shortest way there is. */
async function transfer(registry: string, name: string): Promise<void> {
  const [repository, tag] = name.split(":");
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const at = `${registry}/v2/${repository}`;
  const manifest = await (await fetch(`${at}/manifests/${tag}`, { headers: { accept } })).json();
  const [layer] = (manifest as { layers: { digest: string }[] }).layers;
  await (await fetch(`${at}/blobs/${layer?.digest}`)).arrayBuffer();
}

/** `add`, with random bytes in a section that no engine reads. */
function unseen(sizeBytes: number): Uint8Array {
  const content = Buffer.concat([Buffer.from([1, 120]), randomBytes(sizeBytes)]);
  const size = Buffer.alloc(4);
  for (let byte = 0; byte < 4; byte++)
    size[byte] = ((content.byteLength >> (7 * byte)) & 127) | (byte < 3 ? 128 : 0);
  return Buffer.concat([addModule, Buffer.from([0]), size, content]);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (import.meta.main) console.log(await benchFirstRun());
