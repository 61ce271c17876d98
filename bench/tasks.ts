/** How long a task takes from the request to its result, and how many a second, in two ways through the real system. */

import { freePort } from "../test/support/free-port.ts";
import { inParallel, type Latencies, percentiles } from "./support/figures.ts";
import { followEvents, httpClient } from "./support/http.ts";
import { addFile } from "./support/modules.ts";
import { openStage, untilProplet } from "./support/processes.ts";

export interface TaskFigures {
  /** One task at a time, in milliseconds from the first request to the event of its end. */
  alone: Latencies;
  tasksPerSecond: number;
  tasks: number;
  lost: number;
}

export interface TaskLoad {
  url: string;
  tasks: number;
  /** Create and start in two requests, as legacy clients do, or in one. */
  requests: 1 | 2;
}

/** Runs tasks on a manager that has a proplet, first one at a time, then 64 at a time. */
export async function runTasks({ url, tasks, requests }: TaskLoad): Promise<TaskFigures> {
  const http = httpClient(url, 64);
  const ended = new Map<string, (state: unknown) => void>();
  const early = new Set<string>();
  let completed = 0;
  const stop = await followEvents(url, (event) => {
    if (event.type !== "task" || (event.state !== "Completed" && event.state !== "Failed")) return;
    const id = String(event.task_id);
    if (event.state === "Completed") completed += 1;
    const resolve = ended.get(id);
    if (resolve === undefined) early.add(id);
    else resolve(event.state);
    ended.delete(id);
  });

  const input = { name: "add", file: addFile, inputs: ["1", "2"] };
  async function runOne(): Promise<void> {
    const { body } = await http.send("POST", requests === 1 ? "/tasks?start=true" : "/tasks", input);
    const { id } = body as { id: string };
    const end = early.delete(id) ? undefined : new Promise((resolve) => ended.set(id, resolve));
    if (requests === 2) await http.send("POST", `/tasks/${id}/start`);
    await end;
  }

  await inParallel(600, 2, runOne);
  const samples: number[] = [];
  await inParallel(300, 1, async () => {
    const start = performance.now();
    await runOne();
    samples.push(performance.now() - start);
  });
  completed = 0;
  const seconds = await inParallel(tasks, 64, runOne);
  stop();
  http.close();
  return { alone: percentiles(samples), tasksPerSecond: tasks / seconds, tasks, lost: tasks - completed };
}

/** Legacy requests, Mosquitto at QoS 2, a manager and a proplet in processes of their own. */
export async function benchOverMosquitto(tasks = 6_000): Promise<TaskFigures> {
  const stage = await openStage();
  try {
    const address = await stage.mosquitto();
    const port = await freePort();
    const channel = [
      "--mqtt-address",
      address,
      "--domain",
      "bench",
      "--channel",
      "c",
      "--log-level",
      "error",
    ];
    stage.prop(
      "manager",
      ...channel,
      "--id",
      "manager",
      "--http-port",
      String(port),
      "--data",
      `${stage.directory}/m`,
    );
    stage.prop("proplet", ...channel, "--id", "p1", "--data", `${stage.directory}/p1`);
    const url = `http://127.0.0.1:${port}`;
    await untilProplet(url);
    return await runTasks({ url, tasks, requests: 2 });
  } finally {
    await stage.close();
  }
}

/** Our own way: one request a task, the embedded broker, all of `prop dev` in one process. */
export async function benchOnDev(tasks = 20_000): Promise<TaskFigures> {
  const stage = await openStage();
  try {
    return await runTasks({ url: await stage.dev(), tasks, requests: 1 });
  } finally {
    await stage.close();
  }
}

if (import.meta.main) {
  console.log("over Mosquitto at QoS 2", await benchOverMosquitto());
  console.log("prop dev", await benchOnDev());
}
