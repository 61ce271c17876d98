import { expect, test } from "vitest";
import type { Proplet } from "../model/proplet.ts";
import { idleTask } from "../model/testing/task.ts";
import { type Candidate, place } from "./place.ts";

function candidate(id: string, load: number, fields: Partial<Proplet> = {}): Candidate {
  const proplet = {
    id,
    name: id,
    metadata: {},
    features: [],
    alive: true,
    alive_history: [],
    created_at: "",
  };
  return { proplet: { ...proplet, capacity: { slots: 1 }, ...fields }, load };
}

const chosen = (placement: ReturnType<typeof place>) =>
  "proplet" in placement ? placement.proplet.id : placement;

test("the least loaded proplet gets the task, the first among equals", () => {
  expect(chosen(place(idleTask(), [candidate("a", 2), candidate("b", 1), candidate("c", 1)]))).toBe("b");
});

test("load counts against what a proplet takes on", () => {
  expect(chosen(place(idleTask(), [candidate("a", 2), candidate("b", 3, { capacity: { slots: 4 } })]))).toBe(
    "b",
  );
});

test("a legacy proplet, which doesn't say how much it takes on, is chosen too", () => {
  const { proplet, load } = candidate("legacy", 0);
  const { capacity: _, ...legacy } = proplet;
  expect(chosen(place(idleTask(), [{ proplet: legacy, load }]))).toBe("legacy");
});

test("a pinned task goes nowhere else", () => {
  const pinned = idleTask({ pinned: true, proplet_id: "b" });
  expect(chosen(place(pinned, [candidate("a", 0), candidate("b", 5)]))).toBe("b");
  expect(place(pinned, [candidate("a", 0)])).toEqual({ waits: "proplet b is not alive" });
});

test("what a task waits for is said", () => {
  expect(place(idleTask(), [])).toEqual({ waits: "no proplet is alive" });
  expect(place(idleTask(), [candidate("a", 0, { alive: false })])).toEqual({ waits: "no proplet is alive" });
  expect(place(idleTask(), [candidate("a", 8), candidate("b", 8)])).toEqual({
    waits: "all 2 live proplets are full",
  });
  expect(place(idleTask({ pinned: true, proplet_id: "a" }), [candidate("a", 8)])).toEqual({
    waits: "proplet a is full",
  });
});

test("a latent task takes no slot, so a full proplet takes it", () => {
  expect(chosen(place(idleTask({ latent: true }), [candidate("a", 8)]))).toBe("a");
});
