import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, RunOutcome, RunRequest } from "../engine.ts";
import { addText, assemble, echoText, printingText } from "../testing/wat.ts";
import { createV8Engine } from "./engine.ts";

const page = 65_536;
let engine: Engine;

beforeAll(() => {
  engine = createV8Engine({ maxWorkers: 2 });
});

afterAll(() => engine.close());

async function run(text: string, request: Partial<RunRequest> = {}): Promise<RunOutcome> {
  const module = await engine.prepare(await assemble(text));
  try {
    return await engine.run(module, { entry: "run", output: "collect", ...request });
  } finally {
    module.release();
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

const loopText = `(module (func (export "run") (loop (br 0))))`;

test("a function is called with its inputs and answers in decimal", async () => {
  const outcome = await run(addText, { entry: "add", inputs: ["2", "3"] });
  expect(outcome).toMatchObject({ result: "5", exitCode: 0 });
  expect(outcome.failure).toBeUndefined();
});

test("of mixed types every value arrives, and the first result comes back", async () => {
  const mixed = `(module (func (export "run") (param i64 f32 f64 i32) (result f64 i32)
    (f64.add (f64.add (f64.convert_i64_s (local.get 0)) (f64.promote_f32 (local.get 1))) (local.get 2))
    (local.get 3)))`;
  expect((await run(mixed, { inputs: ["-1", "0.5", "4.25", "9"] })).result).toBe("3.75");
});

test("a function without a result answers nothing", async () => {
  expect((await run(`(module (func (export "run")))`)).result).toBe("");
});

test("unsigned inputs wrap, 64-bit results keep every digit", async () => {
  const negate = `(module (func (export "run") (param i64) (result i64) (i64.sub (i64.const 0) (local.get 0))))`;
  expect((await run(negate, { inputs: ["9223372036854775807"] })).result).toBe("-9223372036854775807");
  expect((await run(negate, { inputs: ["18446744073709551615"] })).result).toBe("1");
});

test.each([
  [{ entry: "add", inputs: ["1"] }, "ARGUMENT_COUNT"],
  [{ entry: "add", inputs: ["1", "two"] }, "ARGUMENT_TYPE"],
  [{ entry: "nope", inputs: [] }, "FUNCTION_NOT_FOUND"],
])("a request that fits no function fails without running: %j", async (request, code) => {
  const outcome = await run(addText, request);
  expect(outcome).toMatchObject({ result: "", exitCode: 1, failure: { code }, usage: { wallMs: 0 } });
});

test("each run has an instance of its own", async () => {
  const counter = `(module (global $n (mut i32) (i32.const 0))
    (func (export "run") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))`;
  const module = await engine.prepare(await assemble(counter));
  const request: RunRequest = { entry: "run", output: "collect" };
  const results = [await engine.run(module, request), await engine.run(module, request)];
  expect(results.map(({ result }) => result)).toEqual(["1", "1"]);
  module.release();
});

test("_initialize is called first", async () => {
  const reactor = `(module (global $n (mut i32) (i32.const 0))
    (func (export "_initialize") (global.set $n (i32.const 7)))
    (func (export "run") (result i32) (global.get $n)))`;
  expect((await run(reactor)).result).toBe("7");
});

test("the result of a WASI command is what it prints", async () => {
  const outcome = await run(printingText("hello"));
  expect(outcome).toMatchObject({ result: "hello", exitCode: 0 });
  expect([text(outcome.stdout), text(outcome.stderr)]).toEqual(["hello", ""]);
});

test("what goes to stderr is no result", async () => {
  const outcome = await run(printingText("oops", 2));
  expect([outcome.result, text(outcome.stderr)]).toEqual(["", "oops"]);
});

test("an exit code is not a failure", async () => {
  const outcome = await run(printingText("bye", 1, "(call $exit (i32.const 7))"));
  expect(outcome).toMatchObject({ result: "bye", exitCode: 7 });
  expect(outcome.failure).toBeUndefined();
});

test("a command reads its stdin to the end", async () => {
  const stdin = Buffer.alloc(10_000, "0123456789");
  expect((await run(echoText, { stdin })).result).toBe(stdin.toString());
  expect((await run(echoText)).result).toBe("");
});

test("a command gets its name, its arguments and then the inputs, and its environment", async () => {
  const show = (list: string) => `(module
    (import "wasi_snapshot_preview1" "${list}_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "${list}_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $sizes (i32.const 8) (i32.const 4)))
      (drop (call $get (i32.const 100) (i32.const 1000)))
      (i32.store (i32.const 0) (i32.const 1000))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))))`;
  const request = { programName: "app", args: ["a"], inputs: ["b", "c"], env: { NAME: "value", EMPTY: "" } };
  expect((await run(show("args"), request)).result).toBe("app\0a\0b\0c\0");
  expect((await run(show("environ"), request)).result).toBe("NAME=value\0EMPTY=\0");
});

test.each([
  ["unreachable", "unreachable"],
  ["(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer divide by zero"],
  ["(drop (i32.rem_u (i32.const 1) (i32.const 0)))", "integer divide by zero"],
  ["(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "integer overflow"],
  ["(drop (i32.trunc_f32_s (f32.const nan)))", "invalid conversion to integer"],
  ["(drop (i32.load (i32.const 65536)))", "out of bounds memory access"],
  ["(call_indirect (i32.const 9))", "undefined element: out of bounds table access"],
  ["(call_indirect (param i32) (i32.const 0) (i32.const 0))", "indirect call type mismatch"],
  ["(call 0)", "call stack exhausted"],
  ["(throw $e)", "uncaught exception"],
])("%s traps: %s", async (code, reason) => {
  const trapping = `(module (memory 1) (table 1 funcref) (elem (i32.const 0) 0) (tag $e)
    (func (export "run") ${code}))`;
  const { failure, exitCode } = await run(trapping);
  expect(failure?.message).toBe(`Failed to call function 'run': wasm trap: ${reason}`);
  expect([failure?.code, exitCode]).toEqual(["MODULE_TRAPPED", 1]);
});

test("what was printed before a trap is kept", async () => {
  const outcome = await run(printingText("last words", 1, "unreachable"));
  expect([outcome.result, text(outcome.stdout)]).toEqual(["", "last words"]);
});

test("a module that cannot even be instantiated says so", async () => {
  const { failure } = await run(`(module (memory 1) (data (i32.const 65535) "ab") (func (export "run")))`);
  expect(failure?.message).toBe("Failed to instantiate the module: wasm trap: out of bounds memory access");
});

test("a run is stopped at its time limit, with what it had printed, and the engine goes on", async () => {
  const outcome = await run(printingText("working", 1, "(loop (br 0))"), { limits: { wallTimeMs: 20 } });
  expect(outcome.failure).toMatchObject({
    code: "TIME_LIMIT",
    message: "stopped after 20 ms: the wall-time limit",
  });
  expect(text(outcome.stdout)).toBe("working");
  expect(outcome.usage).toMatchObject({ memoryBytes: page });
  expect((await run(addText, { entry: "add", inputs: ["1", "1"] })).result).toBe("2");
});

test("a run that sleeps is stopped like one that computes", async () => {
  const sleeping = `(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "run")
      (i32.store (i32.const 16) (i32.const 1))
      (i64.store (i32.const 24) (i64.const 3600000000000))
      (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))))`;
  expect((await run(sleeping, { limits: { wallTimeMs: 5 } })).failure?.code).toBe("TIME_LIMIT");
});

test("a run is cancelled by its signal, before it starts and while it runs", async () => {
  expect((await run(loopText, { signal: AbortSignal.abort() })).failure?.code).toBe("RUN_CANCELLED");
  const controller = new AbortController();
  const ending = run(loopText, { signal: controller.signal });
  await run(addText, { entry: "add", inputs: ["1", "1"] });
  controller.abort();
  expect((await ending).failure?.code).toBe("RUN_CANCELLED");
});

const hungry = (then: string) => `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "run") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    ${then}
    (memory.size)))`;

test("memory does not grow past the limit", async () => {
  const outcome = await run(hungry(""), { limits: { memoryBytes: 16 * page } });
  expect(outcome).toMatchObject({ result: "16", usage: { memoryBytes: page * 16 } });
});

test.each([["unreachable"], ["(call $exit (i32.const 1))"]])(
  "a module that fails at its memory limit fails for that: %s",
  async (code) => {
    const outcome = await run(hungry(code), { limits: { memoryBytes: 64 * 2 ** 20 } });
    expect(outcome).toMatchObject({
      exitCode: 1,
      failure: { code: "MEMORY_LIMIT", message: "memory limit of 64 MiB reached" },
    });
  },
);

test("a module that starts above its memory limit is refused at the run", async () => {
  const { failure } = await run(`(module (memory 32) (func (export "run")))`, {
    limits: { memoryBytes: page },
  });
  expect(failure?.code).toBe("MEMORY_LIMIT");
});

test("output past its limit stops the run, with what fits", async () => {
  const again =
    "(loop $again (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $again))";
  const outcome = await run(printingText("12345678", 1, again), { limits: { outputBytes: 20 } });
  expect(outcome.failure).toMatchObject({
    code: "OUTPUT_LIMIT",
    message: "stopped: it printed more than the output limit of 20 bytes",
  });
  expect(text(outcome.stdout)).toBe("12345678123456781234");
});

test("the same bytes compile once for all who prepare them, and stay until the last has released them", async () => {
  const bytes = await assemble(addText);
  const [first, second] = await Promise.all([engine.prepare(bytes), engine.prepare(bytes.slice())]);
  expect(first?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second?.digest).toBe(first?.digest);
  first?.release();
  first?.release();
  const request: RunRequest = { entry: "add", inputs: ["1", "2"], output: "collect" };
  if (first === undefined || second === undefined) throw new Error("not prepared");
  await expect(engine.run(first, request)).rejects.toThrow("not prepared by this engine, or released");
  const underWay = engine.run(second, request);
  second.release();
  expect((await underWay).result).toBe("3");
});

test.each([
  [`(module (import "env" "foo" (func)))`, "MODULE_IMPORT_MISSING"],
  [`(module (table 2000000 funcref))`, "MODULE_UNSUPPORTED"],
])("%s is refused before it is compiled", async (module, code) => {
  await expect(engine.prepare(await assemble(module))).rejects.toMatchObject({ code });
});

test("code that does not validate is refused with the compiler's reason", async () => {
  const bytes = Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 5, 1, 3, 0, 0x6a, 0x0b,
  ]);
  await expect(engine.prepare(bytes)).rejects.toMatchObject({
    code: "MODULE_INVALID",
    message: expect.stringMatching(/^invalid WebAssembly module: Compiling function #0 failed/),
  });
});

test("a component is refused for now", async () => {
  const component = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);
  await expect(engine.prepare(component)).rejects.toMatchObject({ code: "MODULE_UNSUPPORTED" });
});

test("many runs at once all get their own answer", async () => {
  const module = await engine.prepare(await assemble(addText));
  const outcomes = await Promise.all(
    Array.from({ length: 500 }, (_, number) =>
      engine.run(module, { entry: "add", inputs: [String(number), "1"], output: "collect" }),
    ),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(outcomes.map((_, number) => String(number + 1)));
  module.release();
});

test("closing ends runs under way, waiting and new ones as cancelled", async () => {
  const closing = createV8Engine({ maxWorkers: 1, minWorkers: 1 });
  const loop = await closing.prepare(await assemble(loopText));
  const request: RunRequest = { entry: "run", output: "collect" };
  const runs = [closing.run(loop, request), closing.run(loop, request)];
  await closing.close();
  runs.push(closing.run(loop, request));
  const codes = (await Promise.all(runs)).map(({ failure }) => failure?.code);
  expect(codes).toEqual(["RUN_CANCELLED", "RUN_CANCELLED", "RUN_CANCELLED"]);
});
