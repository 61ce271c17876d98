import { describe, expect, test } from "vitest";
import { type Candidate, candidateOf } from "./candidate.ts";
import { type Demand, NOTHING } from "./demand.ts";
import { place } from "./place.ts";
import { testCandidate as candidate, demand, testProplet } from "./testing/candidates.ts";

const chosen = (asked: Demand, ...candidates: Candidate[]) => place(asked, candidates)?.id;
const full = { slots: 8 };

describe("a policy", () => {
  test("least-loaded takes the proplet with the fewest tasks for each slot, equals in turn", () => {
    const asked = demand({ policy: "least-loaded" });
    const wide = candidate("wide", { slots: 3 }, { capacity: { slots: 4 } });
    expect(chosen(asked, candidate("a", { slots: 2 }), candidate("b", { slots: 1 }))).toBe("b");
    expect(chosen(asked, candidate("a", { slots: 1 }), wide)).toBe("wide");
    expect(chosen(asked, { ...candidate("a"), lastTurn: 2 }, { ...candidate("b"), lastTurn: 1 })).toBe("b");
  });

  test("bin-pack takes the fullest that has a slot free, else the least loaded", () => {
    const asked = demand({ policy: "bin-pack" });
    const of4 = (id: string, slots: number) => candidate(id, { slots }, { capacity: { slots: 4 } });
    expect(chosen(asked, of4("a", 1), of4("b", 3), of4("c", 4))).toBe("b");
    expect(chosen(asked, of4("a", 9), of4("b", 5))).toBe("b");
  });

  test("round-robin takes the one that was given nothing for longest, whatever it holds", () => {
    const asked = demand({ policy: "round-robin" });
    const late = { ...candidate("late"), lastTurn: 2 };
    expect(chosen(asked, late, { ...candidate("early", { slots: 5 }), lastTurn: 1 })).toBe("early");
  });

  test("hybrid takes one that has the module and a slot free, else the least loaded", () => {
    const asked = demand({ policy: "hybrid" });
    const has = (id: string, slots: number) => ({
      ...candidate(id, { slots }, { capacity: { slots: 4 } }),
      cached: true,
    });
    expect(chosen(asked, candidate("empty"), has("warm", 3), has("warmer", 2))).toBe("warmer");
    expect(chosen(asked, candidate("empty"), has("warm", 4))).toBe("empty");
  });
});

test("a legacy proplet, which doesn't say how much it takes on, is chosen too, for up to 256 tasks", () => {
  const { capacity: _, ...legacy } = testProplet("legacy");
  const holding = (slots: number) =>
    candidateOf(legacy, { held: { ...NOTHING, slots }, lastTurn: 0, seat: 0 });
  expect(chosen(demand(), holding(255))).toBe("legacy");
  expect(chosen(demand(), holding(256))).toBeUndefined();
});

test("a pinned task goes nowhere else", () => {
  const pinned = demand({}, { pinned: true, proplet_id: "b" });
  expect(chosen(pinned, candidate("a"), candidate("b", { slots: 5 }))).toBe("b");
  expect(chosen(pinned, candidate("a"))).toBeUndefined();
});

test("a latent task takes no slot, so a full proplet takes it", () => {
  expect(chosen(demand(), candidate("a", full))).toBeUndefined();
  expect(chosen(demand({}, { latent: true }), candidate("a", full))).toBe("a");
});

describe("what a proplet is", () => {
  test("is what it announced and what was declared of it", () => {
    const proplet = candidate(
      "p",
      {},
      {
        metadata: { tags: ["edge"] },
        capacity: { slots: 1, capabilities: ["camera"], device_type: "pi" },
        declared: { tags: ["hall-3"], capabilities: ["sensor"], device_type: "jetson" },
      },
    );
    expect(chosen(demand({ tags: ["edge", "hall-3"], capabilities: ["sensor", "camera"] }), proplet)).toBe(
      "p",
    );
    expect(chosen(demand({ tags: ["edge", "hall-4"] }), proplet)).toBeUndefined();
    expect(chosen(demand({ device_types: ["esp32", "jetson"] }), proplet)).toBe("p");
    expect(chosen(demand({ device_types: ["pi"] }), proplet)).toBeUndefined();
  });

  test("has no device type unless it says so, embedded or not", () => {
    const legacy = candidate("z", {}, { metadata: { environment: "embedded", os: "zephyr" } });
    expect(chosen(demand({ device_types: ["embedded"] }), legacy)).toBeUndefined();
  });

  test("is external unless it says that it is a pod", () => {
    expect(chosen(demand({ proplet_type: "external" }), candidate("p"))).toBe("p");
    expect(chosen(demand({ proplet_type: "any" }), candidate("p"))).toBe("p");
    expect(chosen(demand({ proplet_type: "k8s" }), candidate("p"))).toBeUndefined();
    const pod = candidate("pod", {}, { capacity: { slots: 1, proplet_type: "k8s" } });
    expect(chosen(demand({ proplet_type: "k8s" }), pod)).toBe("pod");
  });

  test("decides whether it takes a component: WAMR never does", () => {
    const component = demand({}, { module: { digest: "d", sizeBytes: 1, preview: "", component: true } });
    expect(chosen(component, candidate("z", {}, { metadata: { wasm_runtime: "WAMR" } }))).toBeUndefined();
    expect(chosen(component, candidate("w", {}, { metadata: { wasm_runtime: "wasmtime" } }))).toBe("w");
  });

  test("cordoned or draining, it gets nothing new", () => {
    expect(chosen(demand(), candidate("c", {}, { cordoned: true }))).toBeUndefined();
    expect(chosen(demand(), candidate("d", {}, { draining: true }))).toBeUndefined();
  });
});

describe("resources", () => {
  const asks = (resources: { cpu?: string; memory?: string }) => demand({ resources });
  const has = (held: { cpuMillis?: number; memoryBytes?: number }) =>
    candidate("p", held, { capacity: { slots: 8, cpu_millis: 4_000, memory_bytes: 4 * 2 ** 30 } });

  test("are what a proplet has less what the tasks there reserve", () => {
    expect(chosen(asks({ cpu: "2", memory: "2Gi" }), has({ cpuMillis: 2_000, memoryBytes: 2 ** 31 }))).toBe(
      "p",
    );
    expect(chosen(asks({ cpu: "2001m" }), has({ cpuMillis: 2_000 }))).toBeUndefined();
    expect(chosen(asks({ memory: "3Gi" }), has({ memoryBytes: 2 ** 31 }))).toBeUndefined();
  });

  test("are unknown of a proplet that doesn't say, which is enough for a task that asks for none", () => {
    expect(chosen(asks({ memory: "1" }), candidate("p"))).toBeUndefined();
    expect(chosen(asks({ cpu: "1m" }), candidate("p"))).toBeUndefined();
    expect(chosen(asks({}), candidate("p"))).toBe("p");
  });

  test("take the memory of the machine where the proplet names no share of it", () => {
    const machine = candidate("p", {}, { metadata: { total_memory_bytes: 2 ** 30 } });
    expect(chosen(asks({ memory: "1Gi" }), machine)).toBe("p");
  });
});
