import { availableParallelism, totalmem } from "node:os";
import { expect, test } from "vitest";
import { hostCapacity } from "./host-capacity.ts";

test("a machine is announced with all of its cores and memory, as an external server", () => {
  expect(hostCapacity({}, {})).toEqual({
    slots: Math.max(4, 2 * availableParallelism()),
    cpu_millis: 1_000 * availableParallelism(),
    memory_bytes: totalmem(),
    proplet_type: "external",
    device_type: "server",
    capabilities: ["wasi-preview1"],
  });
});

test("a pod says so by itself, unless it is told otherwise", () => {
  const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };
  expect(hostCapacity({}, env).proplet_type).toBe("k8s");
  expect(hostCapacity({ type: "external" }, env).proplet_type).toBe("external");
});

test("what is said goes before what the machine has", () => {
  const said = { slots: 2, cpuMillis: 500, memoryBytes: 1024, deviceType: "raspberry-pi" };
  const capabilities = ["sensor", "wasi-preview1", "sensor"];
  expect(hostCapacity({ ...said, capabilities }, {})).toMatchObject({
    slots: 2,
    cpu_millis: 500,
    memory_bytes: 1024,
    device_type: "raspberry-pi",
    capabilities: ["wasi-preview1", "sensor"],
  });
});
