import { expect, test } from "vitest";
import { TaskState } from "../model/task-state.ts";
import { presentPropletMetrics, presentTaskMetrics } from "./present-metrics.ts";
import { presentProplet } from "./present-proplet.ts";
import { presentTask } from "./present-task.ts";
import { fakeProplet, fakeTask, NOW } from "./testing/fake-manager.ts";

const UNSET = "0001-01-01T00:00:00Z";

test("a task with nothing but its name has the fields that the legacy manager shows, and no other", () => {
  expect(presentTask(fakeTask({ id: "1" }))).toEqual({
    id: "1",
    name: "add",
    kind: "standard",
    state: 0,
    cli_args: null,
    daemon: false,
    encrypted: false,
    start_time: UNSET,
    finish_time: UNSET,
    created_at: NOW,
    updated_at: UNSET,
    next_run: UNSET,
    priority: 50,
  });
});

test("a task that ended shows its module's ends, its proplet and its results", () => {
  const shown = presentTask(
    fakeTask({
      state: TaskState.Completed,
      module: {
        digest: `sha256:${"0".repeat(64)}`,
        sizeBytes: 56,
        preview: "AGFzbQEAAA<REDACTED>AgACABags=",
      },
      inputs: ["10", "20"],
      cli_args: [],
      env: { A: "b" },
      latent: true,
      broadcast: true,
      proplet_id: "p1",
      results: "30",
      start_time: NOW,
      finish_time: NOW,
      updated_at: NOW,
      metadata: { n: 1 },
      attempt: 1,
      boot_id: "b",
      pinned: true,
    }),
  );
  expect(shown).toMatchObject({
    state: 3,
    file: "AGFzbQEAAA<REDACTED>AgACABags=",
    inputs: ["10", "20"],
    cli_args: [],
    env: { A: "b" },
    latent: true,
    broadcast: true,
    proplet_id: "p1",
    results: "30",
    start_time: NOW,
    metadata: { n: 1 },
  });
  for (const ours of ["module", "pinned", "boot_id", "attempt", "lost", "queued_at", "stopping", "error"]) {
    expect(shown).not.toHaveProperty(ours);
  }
});

test("what is empty is left out", () => {
  const shown = presentTask(
    fakeTask({ inputs: [], env: {}, error: "", mode: "", priority: 0, broadcast: false }),
  );
  for (const field of ["inputs", "env", "error", "mode", "priority", "broadcast", "latent"]) {
    expect(shown).not.toHaveProperty(field);
  }
});

test("our own fields appear once they say something", () => {
  const shown = presentTask(
    fakeTask({ attempt: 2, lost: 1, queued_at: NOW, stopping: true, limits: { wall_time_ms: 5 } }),
  );
  expect(shown).toMatchObject({
    attempt: 2,
    lost: 1,
    queued_at: NOW,
    stopping: true,
    limits: { wall_time_ms: 5 },
  });
});

test("a monitoring profile says also what it does not collect", () => {
  const profile = { enabled: true, interval: 5, collect_cpu: true, history_size: 10 };
  expect(presentTask(fakeTask({ monitoring_profile: profile })).monitoring_profile).toEqual({
    ...profile,
    collect_memory: false,
    collect_disk_io: false,
    collect_threads: false,
    collect_file_descriptors: false,
    export_to_mqtt: false,
    retain_history: false,
  });
});

test("a legacy proplet is shown as the legacy manager does", () => {
  const { last_alive_at, ...rest } = fakeProplet({ namespace: "edge" });
  expect(presentProplet({ ...rest }, 2)).toEqual({
    id: "edge-1",
    name: "Quiet-Heron",
    task_count: 2,
    alive: true,
    metadata: { os: "linux" },
  });
  expect(presentProplet(fakeProplet(), 0).last_alive_at).toBe(last_alive_at);
});

test("one of ours also says what it can do", () => {
  const ours = fakeProplet({ features: ["ack"], capacity: { slots: 4 } });
  expect(presentProplet(ours, 0)).toMatchObject({ features: ["ack"], capacity: { slots: 4 } });
});

test.each([
  [{ secs_since_epoch: 1, nanos_since_epoch: 5e8 }, "1970-01-01T00:00:01.500Z"],
  [NOW, NOW],
  [123_456, UNSET],
  [{ secs_since_epoch: 1e300, nanos_since_epoch: 0 }, UNSET],
])("the time %j is shown as %s", (timestamp, shown) => {
  expect(presentPropletMetrics({ proplet_id: "p", timestamp }).timestamp).toBe(shown);
});

test("figures that a proplet did not say are 0", () => {
  const shown = presentPropletMetrics({ proplet_id: "p", memory_metrics: { rss_bytes: 4 } });
  expect(shown).toEqual({
    proplet_id: "p",
    namespace: "",
    timestamp: UNSET,
    cpu_metrics: { user_seconds: 0, system_seconds: 0, percent: 0 },
    memory_metrics: { rss_bytes: 4, heap_alloc_bytes: 0, heap_sys_bytes: 0, heap_inuse_bytes: 0 },
  });
  const ofTask = presentTaskMetrics({ task_id: "t", metrics: {}, aggregated: { sample_count: 2 } });
  expect(ofTask).toMatchObject({
    proplet_id: "",
    metrics: { thread_count: 0 },
    aggregated: { sample_count: 2 },
  });
});
