/** How long a task takes from the request to its result, and how many a second, in two ways through the real system. */

import { freePort } from "../test/support/free-port.ts";
import type { Latencies } from "./support/figures.ts";
import { openStage, untilProplet } from "./support/processes.ts";
import { openTaskLoad } from "./support/task-load.ts";

export interface TaskFigures {
  /** One task at a time, in milliseconds from the first request to the event of its end. */
  alone: Latencies;
  tasksPerSecond: number;
  tasks: number;
}

/** Runs tasks on a manager that has a proplet, first one at a time, then 64 at a time. A lost one ends it with an error. */
async function runTasks(url: string, tasks: number, requests: 1 | 2): Promise<TaskFigures> {
  const load = await openTaskLoad(url, requests);
  await load.run(600, 2);
  const alone = await load.alone(300);
  const tasksPerSecond = await load.run(tasks, 64);
  load.close();
  if (load.failed > 0) throw new Error(`${load.failed} tasks failed`);
  return { alone, tasksPerSecond, tasks };
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
    return await runTasks(url, tasks, 2);
  } finally {
    await stage.close();
  }
}

/** Our own way: one request a task, the embedded broker, all of `prop dev` in one process. */
export async function benchOnDev(tasks = 20_000): Promise<TaskFigures> {
  const stage = await openStage();
  try {
    return await runTasks(await stage.dev(), tasks, 1);
  } finally {
    await stage.close();
  }
}

if (import.meta.main) {
  console.log("over Mosquitto at QoS 2", await benchOverMosquitto());
  console.log("prop dev", await benchOnDev());
}
