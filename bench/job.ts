/** A job of many tasks on `prop dev`: how long from its start to the end of the last. */
import { followEvents, httpClient } from "./support/http.ts";
import { addFile } from "./support/modules.ts";
import { openStage } from "./support/processes.ts";

export interface JobFigures {
  tasks: number;
  completed: number;
  /** Of `POST /jobs`, until it is answered. Seconds. */
  createSeconds: number;
  /** Of `POST /jobs/{id}/start`, until it is answered. */
  startSeconds: number;
  /** From the request that starts it to the event of the last end. */
  runSeconds: number;
}

/** Creates a job, starts it, and waits for the end of its last task. */
export async function runJob(url: string, tasks: number): Promise<JobFigures> {
  const http = httpClient(url, 2);
  const since = (from: number) => (performance.now() - from) / 1000;
  let completed = 0;
  let ended = 0;
  let finish: () => void = () => {};
  const last = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stop = await followEvents(url, ({ type, state }) => {
    if (type !== "task" || (state !== "Completed" && state !== "Failed" && state !== "Skipped")) return;
    if (state === "Completed") completed += 1;
    ended += 1;
    if (ended === tasks) finish();
  });
  const task = (index: number) => ({ name: "add", file: addFile, inputs: [String(index), "1"] });
  const createdAt = performance.now();
  const { body } = await http.send("POST", "/jobs", {
    name: "bench",
    execution_mode: "parallel",
    tasks: Array.from({ length: tasks }, (_, index) => task(index)),
  });
  const createSeconds = since(createdAt);
  const startedAt = performance.now();
  await http.send("POST", `/jobs/${(body as { job_id: string }).job_id}/start`);
  const startSeconds = since(startedAt);
  await last;
  const runSeconds = since(startedAt);
  stop();
  http.close();
  return { tasks, completed, createSeconds, startSeconds, runSeconds };
}

/** On a fresh `prop dev`, after a small job that warms it. */
export async function benchJob(tasks = 10_000): Promise<JobFigures> {
  const stage = await openStage();
  try {
    const url = await stage.dev();
    await runJob(url, 500);
    return await runJob(url, tasks);
  } finally {
    await stage.close();
  }
}

if (import.meta.main) console.log(await benchJob());
