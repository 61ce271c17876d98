import { expect, test } from "vitest";
import { type DevEvent, showDevEvent } from "./dev-event.ts";

const invocation = {
  type: "invocation",
  name: "hello",
  inputs: [] as string[],
  duration_ms: 1.234,
  proplet_id: "proplet-1",
} as const;

test.each<[DevEvent, string, string]>([
  [{ ...invocation, inputs: ["2", "3"], results: "5" }, "stdout", "hello 2 3 → 5  1.2 ms  proplet-1\n"],
  [{ ...invocation, results: "one\ntwo\n" }, "stdout", "hello → one …  1.2 ms  proplet-1\n"],
  [{ ...invocation, error: "unreachable" }, "stdout", "hello → failed: unreachable  1.2 ms  proplet-1\n"],
  [
    { type: "built", file: "build/hello.wasm", size_bytes: 1229 },
    "stdout",
    "built build/hello.wasm (1.2 KiB)\n",
  ],
  [
    { type: "deployed", name: "hello", revision: 2, unchanged: false, sample_inputs: ["2", "3"] },
    "stdout",
    "deployed hello (revision 2)\ninvoke it: prop invoke hello 2 3\n",
  ],
  [{ type: "error", code: "X", message: "no", hint: "do\nthis" }, "stderr", "Error: no\n  do\n  this\n"],
  [{ type: "compiler", text: "\u001b[1merror" }, "stderr", "error"],
  [
    { type: "port_moved", what: "broker", from: 1883, to: 5 },
    "stderr",
    "port 1883 is taken: the broker listens on 5\n",
  ],
])("%j is shown on %s", (event, stream, text) => {
  expect(showDevEvent(event, { colours: false })).toEqual({ stream, text });
});

test("a compiler's colours are kept where they are shown", () => {
  const event: DevEvent = { type: "compiler", text: "\u001b[1merror" };
  expect(showDevEvent(event, { colours: true }).text).toBe("\u001b[1merror");
});
