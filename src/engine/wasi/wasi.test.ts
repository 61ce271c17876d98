import { beforeEach, expect, test } from "vitest";
import { createContext, type WasiContext } from "./context.ts";
import { errno } from "./errno.ts";
import { wasiImports } from "./imports.ts";
import { ProcessExit } from "./process.ts";
import { hasWasiSignature, isProvided, preview1, unstable } from "./signatures.ts";
import { stdioDescriptors } from "./stdio.ts";

const size = 65_536;
let context: WasiContext;
let bytes: Uint8Array;
let view: DataView;
let written: string[];
let input: Uint8Array;

beforeEach(() => {
  context = createContext(() => {});
  const buffer = new ArrayBuffer(size);
  context.memory.attach({ buffer });
  bytes = new Uint8Array(buffer);
  view = new DataView(buffer);
  written = [];
  input = Buffer.from("abcdefgh");
  const write = (from: Uint8Array) => {
    written.push(Buffer.from(from).toString());
    return from.length;
  };
  context.descriptors = stdioDescriptors({
    read: (into) => {
      const part = input.subarray(0, into.length);
      into.set(part);
      input = input.subarray(part.length);
      return part.length;
    },
    writeOut: write,
    writeError: write,
    terminal: [false, true, false],
  });
});

function call(name: string, ...values: (number | bigint)[]): number {
  const target: unknown = wasiImports(context)[preview1]?.[name];
  if (typeof target !== "function") throw new Error(`no ${name}`);
  return target(...values);
}

/** Lays out I/O vectors at address 0. */
function vectors(...ranges: [address: number, length: number][]): void {
  for (const [index, [address, length]] of ranges.entries()) {
    view.setUint32(index * 8, address, true);
    view.setUint32(index * 8 + 4, length, true);
  }
}

test("arguments are laid out one after another, each with its end", () => {
  context.args = ["app", "é"];
  expect(call("args_sizes_get", 0, 4)).toBe(0);
  expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([2, 7]);
  expect(call("args_get", 8, 100)).toBe(0);
  expect([view.getUint32(8, true), view.getUint32(12, true)]).toEqual([100, 104]);
  expect(Buffer.from(bytes.subarray(100, 107)).toString()).toBe("app\0é\0");
});

test("a read fills the vectors in order and stops where the input ends", () => {
  vectors([100, 3], [200, 0], [300, 10]);
  expect(call("fd_read", 0, 0, 3, 40)).toBe(0);
  expect(view.getUint32(40, true)).toBe(8);
  expect(Buffer.from(bytes.subarray(300, 305)).toString()).toBe("defgh");
});

test("a write takes the vectors in order", () => {
  bytes.set(Buffer.from("hello"), 100);
  vectors([103, 2], [100, 3]);
  expect(call("fd_write", 1, 0, 2, 40)).toBe(0);
  expect(written).toEqual(["lo", "hel"]);
  expect(view.getUint32(40, true)).toBe(5);
});

test.each([
  ["fd_write", [0, 0, 1, 8], errno.badf],
  ["fd_read", [1, 0, 1, 8], errno.badf],
  ["fd_write", [9, 0, 1, 8], errno.badf],
  ["fd_close", [9], errno.badf],
  ["fd_seek", [1, 0n, 0, 8], errno.spipe],
  ["fd_seek", [9, 0n, 0, 8], errno.badf],
  ["fd_prestat_get", [3, 8], errno.badf],
  ["fd_prestat_dir_name", [3, 8, 1], errno.badf],
  ["path_open", [3, 0, 0, 1, 0, 0n, 0n, 0, 8], errno.badf],
  ["path_symlink", [0, 1, 3, 0, 1], errno.badf],
  ["sock_shutdown", [1, 0], errno.notsock],
  ["sock_shutdown", [9, 0], errno.badf],
  ["fd_fdstat_set_flags", [1, 0x20], errno.inval],
  ["fd_fdstat_set_rights", [1, -1n, 0n], errno.notcapable],
  ["clock_time_get", [9, 0n, 8], errno.inval],
  ["poll_oneoff", [0, 0, 0, 8], errno.inval],
  ["proc_raise", [6], errno.notsup],
  ["sched_yield", [], 0],
] as const)("%s(%s) answers %i", (name, values, answer) => {
  expect(call(name, ...values)).toBe(answer);
});

test.each([
  ["args_sizes_get", [-4, 0]],
  ["args_sizes_get", [size, 0]],
  ["fd_write", [1, size - 4, 1, 0]],
  ["fd_write", [1, 0, -1, 0]],
  ["fd_read", [0, 0, 1, size - 3]],
  ["random_get", [size - 4, 5]],
  ["random_get", [0, -1]],
  ["clock_time_get", [0, 0n, size - 7]],
  ["fd_fdstat_get", [1, size - 23]],
  ["fd_filestat_get", [1, -1]],
  ["poll_oneoff", [size - 47, 0, 1, 0]],
] as const)("%s(%s) does not leave the guest's memory", (name, values) => {
  vectors([100, 3]);
  expect(call(name, ...values)).toBe(errno.fault);
});

test("a vector that leaves the memory is refused", () => {
  vectors([size - 2, 3]);
  expect(call("fd_write", 1, 0, 1, 40)).toBe(errno.fault);
  expect(written).toEqual([]);
});

test("without a memory, every address is out of bounds", () => {
  context.memory.attach();
  expect(call("random_get", 0, 1)).toBe(errno.fault);
});

test("memory that has grown is seen at once", () => {
  const source = { buffer: new ArrayBuffer(8) };
  context.memory.attach(source);
  expect(call("random_get", 8, 1)).toBe(errno.fault);
  source.buffer = new ArrayBuffer(16);
  expect(call("random_get", 8, 1)).toBe(0);
});

test("only a terminal looks like a character device", () => {
  expect(call("fd_fdstat_get", 0, 0)).toBe(0);
  expect(call("fd_fdstat_get", 1, 32)).toBe(0);
  expect([view.getUint8(0), view.getUint8(32)]).toEqual([0, 2]);
});

test("flags that were set are reported", () => {
  expect(call("fd_fdstat_set_flags", 0, 4)).toBe(0);
  expect(call("fd_fdstat_get", 0, 0)).toBe(0);
  expect(view.getUint16(2, true)).toBe(4);
});

test("a closed descriptor is gone, a renumbered one answers under its new number", () => {
  expect(call("fd_renumber", 1, 2)).toBe(0);
  expect(call("fd_close", 1)).toBe(errno.badf);
  expect(call("fd_close", 2)).toBe(0);
  expect(call("fd_close", 2)).toBe(errno.badf);
});

test("the monotonic clock does not go back, the realtime clock is the system's", () => {
  call("clock_time_get", 1, 0n, 0);
  call("clock_time_get", 1, 0n, 8);
  expect(view.getBigUint64(8, true)).toBeGreaterThanOrEqual(view.getBigUint64(0, true));
  const before = Date.now();
  call("clock_time_get", 0, 0n, 16);
  const realtimeMs = Number(view.getBigUint64(16, true) / 1_000_000n);
  expect(realtimeMs).toBeGreaterThanOrEqual(before - 3);
  expect(realtimeMs).toBeLessThanOrEqual(Date.now() + 3);
});

function subscribe(index: number, userdata: bigint, type: number, id: number, timeoutNs = 0n): void {
  view.setBigUint64(index * 48, userdata, true);
  view.setUint8(index * 48 + 8, type);
  view.setUint32(index * 48 + 16, id, true);
  view.setBigUint64(index * 48 + 24, timeoutNs, true);
}

function events(): { userdata: bigint; error: number; type: number }[] {
  return Array.from({ length: view.getUint32(4096, true) }, (_, index) => ({
    userdata: view.getBigUint64(1024 + index * 32, true),
    error: view.getUint16(1024 + index * 32 + 8, true),
    type: view.getUint8(1024 + index * 32 + 10),
  }));
}

test("of several timers the first to end is reported, after its time", () => {
  subscribe(0, 7n, 0, 1, 3_600_000_000_000n);
  subscribe(1, 8n, 0, 1, 1_000_000n);
  const before = process.hrtime.bigint();
  expect(call("poll_oneoff", 0, 1024, 2, 4096)).toBe(0);
  expect(process.hrtime.bigint() - before).toBeGreaterThanOrEqual(1_000_000n);
  expect(events()).toEqual([{ userdata: 8n, error: 0, type: 0 }]);
});

test("a stream is ready at once, so that no timer is waited for", () => {
  subscribe(0, 7n, 0, 1, 3_600_000_000_000n);
  subscribe(1, 8n, 1, 0);
  subscribe(2, 9n, 2, 42);
  expect(call("poll_oneoff", 0, 1024, 3, 4096)).toBe(0);
  expect(events()).toEqual([
    { userdata: 8n, error: 0, type: 1 },
    { userdata: 9n, error: errno.badf, type: 2 },
  ]);
});

test("an exit carries its code past the guest", () => {
  expect(() => call("proc_exit", -1)).toThrow(ProcessExit);
  expect(() => call("proc_exit", 7)).toThrow(expect.objectContaining({ code: 7 }));
});

test("every function that is announced is there, and no other", () => {
  const imports = wasiImports(context);
  const names = Object.keys(imports[preview1] ?? {});
  expect(names).toHaveLength(46);
  expect(names.filter((name) => !isProvided(preview1, name))).toEqual([]);
  expect(Object.keys(imports[unstable] ?? {})).toHaveLength(43);
});

test("a function with other parameters than WASI's is told apart", () => {
  const wanted = { module: preview1, name: "fd_seek", results: ["i32" as const] };
  expect(hasWasiSignature({ ...wanted, parameters: ["i32", "i64", "i32", "i32"] })).toBe(true);
  expect(hasWasiSignature({ ...wanted, parameters: ["i32", "i32", "i32", "i32"] })).toBe(false);
});
