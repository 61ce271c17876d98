/** From `prop dev` in an empty folder to the first result of a function, each on a machine that has seen it before. */

import { freePort } from "../test/support/free-port.ts";
import { httpClient } from "./support/http.ts";
import { addFile } from "./support/modules.ts";
import { openStage } from "./support/processes.ts";

/** Milliseconds to the first result, the median of a few starts. */
export async function benchDevStart(runs = 5): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const time = await startOnce();
    if (run > 0) times.push(time); // The first one fills the compile cache.
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

async function startOnce(): Promise<number> {
  const stage = await openStage();
  try {
    const [port, mqttPort] = [await freePort(), await freePort()];
    const start = performance.now();
    stage.prop("dev", "--port", String(port), "--mqtt-port", String(mqttPort));
    const http = httpClient(`http://127.0.0.1:${port}`, 1);
    await http.waitFor("/health", ({ status }) => status === 200);
    await http.send("PUT", "/functions/add", { file: addFile });
    const { body } = await http.send("POST", "/functions/add/invoke", { inputs: ["1", "2"] });
    const elapsed = performance.now() - start;
    if ((body as { results?: string }).results !== "3") throw new Error(JSON.stringify(body));
    http.close();
    return elapsed;
  } finally {
    await stage.close();
  }
}

if (import.meta.main) console.log(`${(await benchDevStart()).toFixed(0)} ms`);
