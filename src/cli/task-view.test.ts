import { expect, test } from "vitest";
import type { WireTask } from "../api/client.ts";
import { renderTask } from "./task-view.ts";

const never = "0001-01-01T00:00:00Z";
const task: WireTask = {
  id: "01",
  name: "add",
  kind: "standard",
  state: 4,
  cli_args: null,
  daemon: false,
  encrypted: false,
  priority: 50,
  limits: {},
  start_time: "2026-01-01T00:00:00Z",
  finish_time: never,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: never,
  next_run: never,
  error: "wasm trap",
  proplet_id: "p1",
};

test("what went wrong stands before what was always so, which isn't shown at all", () => {
  expect(renderTask(task).split("\n")).toEqual([
    "id          01",
    "name        add",
    "state       Failed",
    "error       wasm trap",
    "proplet_id  p1",
    "start_time  2026-01-01T00:00:00Z",
    "created_at  2026-01-01T00:00:00Z",
  ]);
});

test("what is unusual is shown", () => {
  const shown = renderTask({ ...task, daemon: true, priority: 80, limits: { wall_time_ms: 5 } });
  expect(shown).toMatch(/^daemon +true$/m);
  expect(shown).toMatch(/^priority +80$/m);
  expect(shown).toMatch(/^limits +\{"wall_time_ms":5\}$/m);
});
