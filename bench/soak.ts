/** A long run in little time: many tasks through a manager in this process, and what it still holds after each batch of them. */
import { setTimeout as delay } from "node:timers/promises";
import { joinAs } from "../test/support/fake-proplet.ts";
import { startRig } from "../test/support/rig.ts";
import { inParallel } from "./support/figures.ts";
import { addFile } from "./support/modules.ts";

const WIDTH = 256;
const MEBIBYTE = 2 ** 20;

export interface SoakFigures {
  tasks: number;
  tasksPerSecond: number;
  /** JavaScript objects in use after a collection, at the end of each batch. */
  heapMiB: number[];
}

/** Run it with `--expose-gc`. */
export async function benchSoak(tasks = 200_000, batches = 10): Promise<SoakFigures> {
  const rig = await startRig({ offlineThresholdMs: 3_600_000 });
  const { broker, topics, manager } = rig;
  const features = ["direct", "ack", "digest"];
  const p1 = await joinAs({ broker, topics, id: "p1", features, bootId: "1", slots: WIDTH });
  const ends = new Map<string, () => void>();
  manager.events.follow(undefined, ({ event }) => {
    if (event.type !== "task" || event.state !== "Completed") return;
    ends.get(event.task_id)?.();
    ends.delete(event.task_id);
  });
  let isOpen = true;
  const answer = async () => {
    while (isOpen) {
      const start = await p1.next("start");
      await p1.accept(start);
      await p1.finish(start, "3");
      await p1.next("received");
    }
  };
  for (let lane = 0; lane < WIDTH; lane++) void answer();

  const heapMiB: number[] = [];
  let seconds = 0;
  for (let batch = 0; batch < batches; batch++) {
    seconds += await inParallel(tasks / batches, WIDTH, async () => {
      const end = Promise.withResolvers<void>();
      const task = await manager.tasks.create({ name: "add", file: addFile }, { start: true });
      ends.set(task.id, end.resolve);
      await end.promise;
    });
    await delay(50);
    globalThis.gc?.();
    heapMiB.push(Math.round(process.memoryUsage().heapUsed / MEBIBYTE));
  }
  isOpen = false;
  await p1.close();
  await rig.close();
  return { tasks, tasksPerSecond: tasks / seconds, heapMiB };
}

if (import.meta.main) console.log(await benchSoak(Number(process.argv[2] ?? 200_000)));
