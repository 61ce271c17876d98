import { appendFile, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type AttemptResult, openOutbox } from "./outbox.ts";

let path: string;

beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), "prop-outbox-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  path = join(dir, "new", "outbox.jsonl");
});

const result = (task_id: string, attempt = 1, results = "5"): AttemptResult => ({
  task_id,
  attempt,
  proplet_id: "p1",
  results,
  error: null,
});

async function open(at = path, resendMs?: number) {
  const sent: AttemptResult[] = [];
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const outbox = await openOutbox({
    path: at,
    send: (one) => sent.push(one),
    log,
    ...(resendMs !== undefined && { resendMs }),
  });
  onTestFinished(() => outbox.close().catch(() => {}));
  return { ...outbox, sent, log };
}

test("a result is on disk when it is sent", async () => {
  const onDisk: string[] = [];
  const reads: Promise<void>[] = [];
  const outbox = await openOutbox({
    path,
    send: ({ task_id }) =>
      reads.push(
        readFile(path, "utf8").then((text) => {
          if (text.includes(task_id)) onDisk.push(task_id);
        }),
      ),
    log: { info() {}, warn() {}, error() {} },
  });
  outbox.add(result("a"));
  outbox.add(result("b"));
  await outbox.flush();
  await Promise.all(reads);
  expect(onDisk.toSorted()).toEqual(["a", "b"]);
  await outbox.close();
});

test("what was not received is there after a restart, what was is not", async () => {
  const first = await open();
  for (const id of ["a", "b", "c"]) first.add(result(id));
  first.add(result("c", 2));
  await first.flush();
  first.received({ task_id: "a", attempt: 1 });
  first.received({ task_id: "c" });
  await first.close();
  const second = await open();
  second.resendAll();
  expect(second.sent).toEqual([result("b")]);
  expect([second.has("b", 1), second.has("a", 1), second.has("b", 2)]).toEqual([true, false, false]);
});

test("a torn last line costs that result alone, and the next one is whole", async () => {
  const first = await open();
  first.add(result("a"));
  await first.close();
  await appendFile(path, '{"result":{"task_id":"torn","att');
  const second = await open();
  expect(second.log.warn).toHaveBeenCalledOnce();
  second.add(result("b"));
  await second.close();
  const third = await open();
  third.resendAll();
  expect(third.sent).toEqual([result("a"), result("b")]);
});

test("a file that is all rubbish is no reason to stop", async () => {
  await open();
  await writeFile(path, '\0\0\0\n[]\n{}\n{"result":{}}\nnull\n');
  const outbox = await open();
  outbox.resendAll();
  expect(outbox.sent).toEqual([]);
});

test("where the disk refuses, results are sent all the same, and it is said once", async () => {
  const full = join(dirname(dirname(path)), "full.jsonl");
  await symlink("/dev/full", full);
  const outbox = await open(full);
  for (const id of ["a", "b"]) {
    outbox.add(result(id));
    await outbox.flush();
  }
  expect(outbox.sent).toHaveLength(2);
  expect(outbox.log.error).toHaveBeenCalledOnce();
  expect(outbox.log.error.mock.calls[0]?.[1]).toMatchObject({ reason: "the disk is full" });
});

test("the file shrinks once most of it is received", async () => {
  const outbox = await open();
  const text = "x".repeat(10_000);
  for (let index = 0; index < 150; index++) outbox.add(result(`t${index}`, 1, text));
  await outbox.flush();
  expect((await stat(path)).size).toBeGreaterThan(1_500_000);
  for (let index = 0; index < 149; index++) outbox.received({ task_id: `t${index}`, attempt: 1 });
  await outbox.close();
  expect((await stat(path)).size).toBeLessThan(50_000);
  const again = await open();
  again.resendAll();
  expect(again.sent.map(({ task_id }) => task_id)).toEqual(["t149"]);
});

test("a result goes out again until it is received, each time later", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const outbox = await open(path, 1_000);
  outbox.add(result("a"));
  await outbox.flush();
  vi.advanceTimersByTime(1_000);
  expect(outbox.sent).toHaveLength(2);
  vi.advanceTimersByTime(1_500);
  expect(outbox.sent).toHaveLength(2);
  vi.advanceTimersByTime(500);
  expect(outbox.sent).toHaveLength(3);
  outbox.received({ task_id: "a", attempt: 1 });
  vi.advanceTimersByTime(600_000);
  expect(outbox.sent).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});
