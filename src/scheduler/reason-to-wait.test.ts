import { expect, test } from "vitest";
import type { Candidate } from "./candidate.ts";
import type { Demand } from "./demand.ts";
import { explain } from "./explain.ts";
import { reasonToWait } from "./reason-to-wait.ts";
import { testCandidate as candidate, demand } from "./testing/candidates.ts";

const dead = { alive: false };
const full = { slots: 8 };
const pinned = demand({}, { pinned: true, proplet_id: "a" });
const memory = (bytes: number, slots = 8) => ({ capacity: { slots, memory_bytes: bytes } });

const cases: [string, Demand, Candidate[], string | undefined][] = [
  ["nobody is there", demand(), [], "no proplet is alive"],
  ["all are gone", demand(), [candidate("a", {}, dead), candidate("b", {}, dead)], "no proplet is alive"],
  ["all are full", demand(), [candidate("a", full), candidate("b", full)], "2 of 2 live proplets are full"],
  ["the only one is full", demand(), [candidate("a", full)], "proplet a is full"],
  ["its own is unknown", pinned, [candidate("b")], "proplet a is not known"],
  ["its own is gone", pinned, [candidate("a", {}, dead), candidate("b")], "proplet a is not alive"],
  ["its own is full", pinned, [candidate("a", full), candidate("b")], "proplet a is full"],
  [
    "its own is cordoned",
    pinned,
    [candidate("a", {}, { cordoned: true }), candidate("b")],
    "proplet a is cordoned",
  ],
  [
    "nobody has what it takes",
    demand({ capabilities: ["sensor"] }),
    [candidate("a"), candidate("b")],
    "no proplet has the capability sensor",
  ],
  [
    "nobody has some tags",
    demand({ tags: ["x", "y", "z"] }),
    [candidate("a", {}, { metadata: { tags: ["x"] } })],
    "no proplet has the tags y and z",
  ],
  [
    "the tags are there, the capability is elsewhere",
    demand({ tags: ["x"], capabilities: ["sensor"] }),
    [
      candidate("a", {}, { metadata: { tags: ["x"] } }),
      candidate("b", {}, { capacity: { slots: 1, capabilities: ["sensor"] } }),
    ],
    "no proplet that would do otherwise has the capability sensor",
  ],
  [
    "nobody is such a device",
    demand({ device_types: ["esp32", "pico"] }),
    [candidate("a")],
    "no proplet is of device type esp32 or pico",
  ],
  [
    "the only one that is such a device is gone",
    demand({ device_types: ["esp32"] }),
    [candidate("a", {}, { ...dead, declared: { device_type: "esp32" } }), candidate("b")],
    "proplet a, the only one that fits, is not alive",
  ],
  [
    "memory is short everywhere",
    demand({ resources: { memory: "4Gi" } }),
    [candidate("p0", {}, memory(2 ** 30)), candidate("p1", {}, memory(2 ** 31)), candidate("p2")],
    "needs 4Gi of memory: the most that is free is 2Gi on p1",
  ],
  [
    "nobody says how much CPU it has",
    demand({ resources: { cpu: "1500m" } }),
    [candidate("a"), candidate("b")],
    "needs 1500m of CPU: no proplet that would do otherwise says how much it has",
  ],
  [
    "each has its own reason",
    demand({ resources: { memory: "1Gi" } }),
    [candidate("a", full, memory(2 ** 31, 1)), candidate("b", {}, memory(1)), candidate("c", {}, memory(2))],
    "of the 3 live proplets that would do, 2 are short of memory and 1 is full",
  ],
  ["one has room", demand(), [candidate("a", full), candidate("b")], undefined],
];

test.each(cases)("a task waits because %s", (_, asked, candidates, expected) => {
  expect(reasonToWait(asked, candidates)).toBe(expected);
});

test("an explanation ranks those that fit and gives all reasons against the others", () => {
  const verdicts = explain(demand({ tags: ["x"] }), [
    candidate("busy", { slots: 1 }, { metadata: { tags: ["x"] } }),
    candidate("off", full, dead),
    candidate("free", {}, { metadata: { tags: ["x"] } }),
    candidate("ahead", { slots: 3 }, { metadata: { tags: ["x"] } }),
  ]);
  expect(verdicts.map(({ candidate: { id }, candidate: _, ...rest }) => ({ id, ...rest }))).toEqual([
    { id: "free", fits: true, rank: 1, reasons: ["0 of 1 slots taken"] },
    { id: "busy", fits: true, rank: 2, reasons: ["1 of 1 slots taken"] },
    { id: "ahead", fits: true, rank: 3, reasons: ["1 of 1 slots taken, 2 more waiting there"] },
    {
      id: "off",
      fits: false,
      reasons: ["lacks the tag x", "is not alive", "is full: it runs 1 at a time and holds 8"],
    },
  ]);
});
