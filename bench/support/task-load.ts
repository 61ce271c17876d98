/** Load of tasks on a manager's HTTP API: each is created, started, and followed to its end by `GET /events`. */
import { inParallel, type Latencies, percentiles } from "./figures.ts";
import { followEvents, httpClient } from "./http.ts";
import { addFile } from "./modules.ts";

export interface TaskLoad {
  /** `count` tasks, `width` at a time; resolves with tasks a second. */
  run(count: number, width: number): Promise<number>;
  /** Milliseconds from the first request of a task to the event of its end, one at a time. */
  alone(count: number): Promise<Latencies>;
  /** Tasks that ended otherwise than Completed. */
  readonly failed: number;
  close(): void;
}

const WIDEST = 64;
/** No event for so long means that it is lost. Milliseconds. */
const LOST_AFTER_MS = 20_000;

/** @param requests create and start in two requests, as legacy clients do, or in one */
export async function openTaskLoad(url: string, requests: 1 | 2): Promise<TaskLoad> {
  const http = httpClient(url, WIDEST);
  const ends = new Map<string, () => void>();
  const early = new Set<string>();
  let failed = 0;
  const stop = await followEvents(url, ({ type, state, task_id }) => {
    if (type !== "task" || (state !== "Completed" && state !== "Failed")) return;
    if (state === "Failed") failed += 1;
    const id = String(task_id);
    const end = ends.get(id);
    ends.delete(id);
    if (end === undefined) early.add(id);
    else end();
  });
  const input = { name: "add", file: addFile, inputs: ["1", "2"] };

  async function runOne(): Promise<void> {
    const { status, body } = await http.send("POST", requests === 1 ? "/tasks?start=true" : "/tasks", input);
    if (status !== 201) throw new Error(`POST /tasks: ${status} ${JSON.stringify(body)}`);
    const { id } = body as { id: string };
    const end = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`task ${id} is lost`)), LOST_AFTER_MS);
      ends.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    if (requests === 2) await http.send("POST", `/tasks/${id}/start`);
    if (early.delete(id)) ends.get(id)?.();
    await end;
  }

  return {
    run: async (count, width) => count / (await inParallel(count, width, runOne)),
    async alone(count) {
      const samples: number[] = [];
      await inParallel(count, 1, async () => {
        const start = performance.now();
        await runOne();
        samples.push(performance.now() - start);
      });
      return percentiles(samples);
    },
    get failed() {
      return failed;
    },
    close() {
      stop();
      http.close();
    },
  };
}
