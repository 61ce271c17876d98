import fc from "fast-check";
import { expect, test } from "vitest";
import { idleTask } from "../testing/task.ts";
import { functionInputOf, taskInputOf } from "./task-input.ts";
import { taskSpecOf } from "./task-spec.ts";

test("what a manifest says is what the manager is asked for", () => {
  const input = taskInputOf("ml-inference", {
    name: "image-classification",
    imageUrl: "registry.example.com/ml-model:v2.0.0",
    preferredPropletType: "k8s",
    propletSelector: { matchDeviceTypes: ["server"], matchCapabilities: ["gpu"], matchTags: ["lab"] },
    resourceRequirements: { cpu: "2000m", memory: "4Gi" },
    limits: { wallTime: "1m30s", memory: "64Mi" },
    schedule: { cron: "*/5 * * * *", timezone: "Europe/Madrid", catchUp: "skip" },
  });
  expect(input).toEqual({
    name: "image-classification",
    image_url: "registry.example.com/ml-model:v2.0.0",
    placement: {
      proplet_type: "k8s",
      device_types: ["server"],
      capabilities: ["gpu"],
      tags: ["lab"],
      resources: { cpu: "2000m", memory: "4Gi" },
    },
    limits: { wall_time_ms: 90_000, memory_bytes: 67_108_864 },
    schedule: "*/5 * * * *",
    timezone: "Europe/Madrid",
    is_recurring: true,
    catch_up: "skip",
  });
});

test("a task without a name of its own is called as its manifest", () => {
  expect(taskInputOf("hello", { imageUrl: "a" })).toEqual({ name: "hello", image_url: "a" });
});

test("the export of a function goes before its other arguments", () => {
  const { cli_args } = functionInputOf("sum", { imageUrl: "a", export: "add", cliArgs: ["-v"] });
  expect(cli_args).toEqual(["--invoke", "add", "-v"]);
});

const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 });

test("the spec of a task that a spec made is that spec", () => {
  const anySpec = fc.record(
    {
      name: fc.string({ minLength: 1 }),
      imageUrl: fc.string({ minLength: 1 }),
      inputs: words,
      cliArgs: words,
      env: fc.dictionary(fc.string(), fc.string()),
      daemon: fc.constant(true),
      maxAttempts: fc.integer({ min: 1, max: 1_000 }),
      priority: fc.integer({ min: 0, max: 100 }).filter((priority) => priority !== 50),
      preferredPropletType: fc.constantFrom("any", "k8s", "external"),
      schedulerPolicy: fc.constantFrom("hybrid", "bin-pack"),
      propletSelector: fc.record({
        matchTags: words,
        matchCapabilities: words,
        propletId: fc.constant("p1"),
      }),
      resourceRequirements: fc.record({ cpu: fc.constantFrom(2, "500m"), memory: fc.constant("4Gi") }),
      limits: fc.record({ wallTime: fc.constantFrom("500ms", "90s", "2h"), memory: fc.constant(65_536) }),
      monitoringProfile: fc.record({ enabled: fc.boolean(), collectCpu: fc.boolean() }),
      metadata: fc.jsonValue(),
      schedule: fc.record({ cron: fc.constant("0 9 * * *"), timezone: fc.constant("Asia/Tokyo") }),
    },
    { requiredKeys: ["name", "imageUrl"] },
  );
  fc.assert(
    fc.property(anySpec, (spec) => {
      const { proplet_id, inputs, ...fields } = taskInputOf("other", spec);
      const pinned = proplet_id === undefined ? {} : { proplet_id, pinned: true };
      const given = inputs === undefined ? {} : { inputs: inputs.map(String) };
      const said = { ...fields, ...given, ...pinned, name: spec.name };
      const task = Object.assign(idleTask({ priority: 50 }), said);
      expect(taskSpecOf(task)).toEqual(spec);
    }),
  );
});
