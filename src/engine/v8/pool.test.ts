import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { addText, assemble } from "../testing/wat.ts";
import type { CompiledModule, Job } from "./job.ts";
import { Pool } from "./pool.ts";
import { StdinFeed } from "./stdin-feed.ts";

let pool: Pool;

afterEach(() => pool.close());

function createPool(maxWorkers: number): void {
  pool = new Pool({
    maxWorkers,
    minWorkers: 0,
    idleMs: 60_000,
    stdin: new StdinFeed(() => new PassThrough()),
  });
}

async function compiled(text: string, id = 1): Promise<CompiledModule> {
  const load = {
    compiled: await WebAssembly.compile(await assemble(text)),
    memoryName: undefined,
    initializes: false,
  };
  return { id, capBytes: undefined, load };
}

function job(module: CompiledModule, entry = "add", signal?: AbortSignal): Job {
  return { module, entry, values: [2, 3], streams: undefined, wallTimeMs: undefined, signal };
}

test("a bug in a worker fails its job and leaves the pool working", async () => {
  const add = await compiled(addText);
  createPool(1);
  const [broken, fine] = await Promise.all([pool.submit(job(add, "absent")), pool.submit(job(add))]);
  expect(broken.ending).toEqual({ kind: "crashed", reason: "export absent is no function" });
  expect(fine.ending).toEqual({ kind: "returned", value: 5 });
});

test("a module that was forgotten is sent again when it is used again", async () => {
  const add = await compiled(addText);
  createPool(1);
  await pool.submit(job(add));
  pool.forget(add.id);
  expect((await pool.submit(job(add))).ending).toEqual({ kind: "returned", value: 5 });
});

test("jobs that wait are served in the order they came", async () => {
  const add = await compiled(addText);
  createPool(1);
  const ended: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4].map(async (number) => {
      await pool.submit(job(add));
      ended.push(number);
    }),
  );
  expect(ended).toEqual([0, 1, 2, 3, 4]);
});

test("a job cancelled while it waits never runs, and those behind it do", async () => {
  const loop = await compiled(`(module (func (export "add") (param i32 i32) (loop (br 0))))`);
  const add = await compiled(addText, 2);
  createPool(1);
  const first = new AbortController();
  const second = new AbortController();
  const results = [
    pool.submit(job(loop, "add", first.signal)),
    pool.submit(job(add, "add", second.signal)),
    pool.submit(job(add)),
  ];
  second.abort();
  expect((await results[1])?.ending).toEqual({ kind: "stopped", by: "cancel" });
  first.abort();
  expect((await results[0])?.ending).toEqual({ kind: "stopped", by: "cancel" });
  expect((await results[2])?.ending).toEqual({ kind: "returned", value: 5 });
});
