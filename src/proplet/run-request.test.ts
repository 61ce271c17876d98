import { expect, test } from "vitest";
import { invocationOf, runOf, splitArgs } from "./run-request.ts";

const context = { propletId: "p1", signal: new AbortController().signal };
const start = { id: "t", name: "f" };

test.each([
  { given: [], split: { args: [] } },
  { given: ["-v", "x"], split: { args: ["-v", "x"] } },
  { given: ["-v", "--invoke", "g", "x"], split: { exportName: "g", args: ["-v", "x"] } },
  { given: ["--invoke=g", "x"], split: { exportName: "g", args: ["x"] } },
  { given: ["x", "--invoke"], split: { args: ["x"] } },
])("cli_args $given", ({ given, split }) => expect(splitArgs(given)).toEqual(split));

test("a name may fall back to another export, --invoke may not", () => {
  expect(runOf(start, context)).toMatchObject({ entry: "f", exact: false });
  expect(runOf({ ...start, cli_args: ["--invoke", "g"] }, context)).toMatchObject({
    entry: "g",
    exact: true,
  });
});

test("numbers among the inputs become text, limits become the engine's", () => {
  const limits = { wall_time_ms: 5, memory_bytes: 65_536 };
  expect(runOf({ ...start, inputs: [1, "2"], limits }, context)).toMatchObject({
    inputs: ["1", "2"],
    limits: { wallTimeMs: 5, memoryBytes: 65_536 },
  });
});

test("nobody passes for another proplet", () => {
  const env = { PROPLET_ID: "x", A: "1" };
  expect(runOf({ ...start, env }, context).env).toEqual({ PROPLET_ID: "p1", A: "1" });
  const invoke = { id: "t", invocation_id: "i", env: { PROPLET_ID: "y", A: "2" } };
  const run = invocationOf({ ...start, env }, invoke, { ...context, stdin: undefined });
  expect(run.env).toEqual({ PROPLET_ID: "p1", A: "2" });
});
