/** Warm invocations through `prop dev`, next to a bare Node server that calls the same module inline. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { inParallel, type Latencies, percentiles } from "./support/figures.ts";
import { httpClient } from "./support/http.ts";
import { addFile, addModule } from "./support/modules.ts";
import { openStage } from "./support/processes.ts";

export interface InvokeFigures {
  connections: number;
  perSecond: number;
  latency: Latencies;
}

export interface InvokeComparison {
  ours: InvokeFigures[];
  inline: InvokeFigures[];
}

const CONNECTIONS = [1, 64];

export async function benchInvoke(): Promise<InvokeComparison> {
  const stage = await openStage();
  const server = await inlineServer();
  try {
    const url = await stage.dev();
    const http = httpClient(url, 1);
    await http.send("PUT", "/functions/add", { file: addFile });
    http.close();
    const ours = await load(
      url,
      "/functions/add/invoke",
      (body) => (body as { results: string }).results === "3",
    );
    const inline = await load(server.url, "/", (body) => (body as { results: string }).results === "3");
    return { ours, inline };
  } finally {
    server.close();
    await stage.close();
  }
}

async function load(url: string, path: string, right: (body: unknown) => boolean): Promise<InvokeFigures[]> {
  const figures: InvokeFigures[] = [];
  for (const connections of CONNECTIONS) {
    const http = httpClient(url, connections);
    const invoke = async () => {
      const { status, body } = await http.send("POST", path, { inputs: ["1", "2"] });
      if (status !== 200 || !right(body)) throw new Error(`${url}${path}: ${status} ${JSON.stringify(body)}`);
    };
    const calls = connections === 1 ? 4_000 : 24_000;
    await inParallel(2_000, connections, invoke);
    const samples: number[] = [];
    const seconds = await inParallel(calls, connections, async () => {
      const start = performance.now();
      await invoke();
      samples.push(performance.now() - start);
    });
    http.close();
    figures.push({ connections, perSecond: calls / seconds, latency: percentiles(samples) });
  }
  return figures;
}

/** The least a Node process can do: the same route, the same JSON, the module instantiated for each request and called. */
async function inlineServer(): Promise<{ url: string; close: () => Server }> {
  const module = new WebAssembly.Module(addModule);
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { inputs } = JSON.parse(Buffer.concat(parts).toString());
      const { add } = new WebAssembly.Instance(module).exports as { add: (a: number, b: number) => number };
      const results = String(add(Number(inputs[0]), Number(inputs[1])));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ invoked: true, results }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

if (import.meta.main) console.log(JSON.stringify(await benchInvoke(), null, 2));
