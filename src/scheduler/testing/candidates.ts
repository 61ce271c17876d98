/** Proplets and candidates for tests of placement. */
import fc from "fast-check";
import type { PlacementInput } from "../../model/placement.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { idleTask } from "../../model/testing/task.ts";
import { type Candidate, candidateOf } from "../candidate.ts";
import { type Amounts, type Demand, demandOf, NOTHING } from "../demand.ts";

export function testProplet(id: string, fields: Partial<Proplet> = {}): Proplet {
  return {
    id,
    name: id,
    metadata: {},
    features: [],
    alive: true,
    alive_history: [],
    created_at: "",
    capacity: { slots: 1 },
    ...fields,
  };
}

let seats = 0;

export function testCandidate(
  id: string,
  held: Partial<Amounts> = {},
  fields: Partial<Proplet> = {},
): Candidate {
  return candidateOf(testProplet(id, fields), { held: { ...NOTHING, ...held }, lastTurn: 0, seat: ++seats });
}

export function demand(placement: PlacementInput = {}, fields: Partial<Task> = {}): Demand {
  return demandOf(idleTask({ placement, ...fields }), "least-loaded");
}

const words = (...all: string[]) => fc.subarray(all);

/** Proplets of few kinds, so that demands meet some that fit and some that don't. */
export const anyProplet = (id: string): fc.Arbitrary<Proplet> =>
  fc
    .record({
      alive: fc.boolean(),
      cordoned: fc.boolean(),
      tags: words("a", "b"),
      declaredTags: words("b", "c"),
      capabilities: words("sensor", "camera"),
      deviceType: fc.constantFrom(undefined, "esp32", "jetson"),
      runtime: fc.constantFrom("WAMR", "v8", undefined),
      type: fc.constantFrom(undefined, "k8s" as const, "external" as const),
      slots: fc.constantFrom(1, 2, 4),
      cpu: fc.constantFrom(undefined, 1_000, 4_000),
      memory: fc.constantFrom(undefined, 2 ** 20, 2 ** 22),
    })
    .map(
      ({
        alive,
        cordoned,
        tags,
        declaredTags,
        capabilities,
        deviceType,
        runtime,
        type,
        slots,
        cpu,
        memory,
      }) =>
        testProplet(id, {
          alive: alive || id.endsWith("0"),
          ...(cordoned && id.endsWith("1") ? { cordoned } : {}),
          metadata: { tags, ...(runtime === undefined ? {} : { wasm_runtime: runtime }) },
          declared: { tags: declaredTags },
          capacity: {
            slots,
            capabilities,
            ...(deviceType === undefined ? {} : { device_type: deviceType }),
            ...(type === undefined ? {} : { proplet_type: type }),
            ...(cpu === undefined ? {} : { cpu_millis: cpu }),
            ...(memory === undefined ? {} : { memory_bytes: memory }),
          },
        }),
    );

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });

/** What a task may ask for; `ids` are those that it may be pinned to. */
export const anyAsk = (ids: readonly string[]): fc.Arbitrary<Partial<Task>> =>
  fc
    .record({
      policy: fc.constantFrom("hybrid", "least-loaded", "round-robin", "bin-pack", undefined),
      proplet_type: sometimes(fc.constantFrom("k8s", "external", "any")),
      tags: sometimes(words("a", "b", "c")),
      capabilities: sometimes(words("sensor", "camera")),
      device_types: sometimes(words("esp32", "jetson")),
      cpu: sometimes(fc.constantFrom("500m", 2)),
      memory: sometimes(fc.constantFrom("512Ki", "3Mi")),
      pin: sometimes(fc.constantFrom(...ids)),
      latent: fc.constantFrom(false, false, false, true),
      component: fc.constantFrom(false, false, true),
      module: fc.constantFrom("m1", "m2", "m3"),
      priority: fc.constantFrom(10, 50, 90),
    })
    .map(({ pin, latent, component, module, priority, cpu, memory, ...asked }) => ({
      latent,
      priority,
      ...(pin === undefined ? {} : { pinned: true, proplet_id: pin }),
      module: {
        digest: module,
        sizeBytes: 1,
        preview: "",
        ...(component ? { component: true as const } : {}),
      },
      placement: {
        ...defined(asked),
        resources: defined({ cpu, memory }),
      } as PlacementInput,
    }));

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
