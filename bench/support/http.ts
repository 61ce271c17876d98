/** A lean HTTP client for load: kept connections, JSON in and out, as little as possible of its own. */
import { Agent, request } from "node:http";

export interface Answer {
  status: number;
  body: unknown;
}

export function httpClient(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);

  function send(method: string, path: string, json?: unknown): Promise<Answer> {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers =
      body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const call = request({ agent, hostname, port, method, path, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
        });
      });
      call.on("error", reject);
      call.end(body);
    });
  }

  /** Asks until the server answers and `ready` is content with it. */
  async function waitFor(path: string, ready: (answer: Answer) => boolean): Promise<void> {
    const until = performance.now() + 30_000;
    for (;;) {
      const answer = await send("GET", path).catch(() => undefined);
      if (answer !== undefined && ready(answer)) return;
      if (performance.now() > until) throw new Error(`${url}${path} did not get ready`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  return { send, waitFor, close: () => agent.destroy() };
}

/** Calls `onEvent` for each event of `GET /events`; resolves when the stream is open. */
export function followEvents(
  url: string,
  onEvent: (event: Record<string, unknown>) => void,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const call = request(`${url}/events`, (response) => {
      let rest = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        const blocks = (rest + text).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          const data = /^data: ?(.*)$/m.exec(block)?.[1];
          if (data) onEvent(JSON.parse(data));
        }
      });
      response.on("error", () => {});
      resolve(() => call.destroy());
    });
    call.on("error", reject);
    call.end();
  });
}
