import { expect, test } from "vitest";
import { cpuMillis, memoryBytes } from "./quantity.ts";

test.each([
  ["64Mi", 67_108_864],
  ["64MiB", 67_108_864],
  ["64M", 64_000_000],
  ["64MB", 64_000_000],
  ["1.5Ki", 1536],
  ["512B", 512],
  ["1048576", 1_048_576],
  [4096, 4096],
])("%s of memory is %i bytes", (quantity, bytes) => {
  expect(memoryBytes(quantity)).toBe(bytes);
});

test.each(["", "Mi", "64 Mi", "64mi", "-1Mi", "1e3", "64Bi", "64i", "1e999Gi"])("%j is no memory", (text) => {
  expect(memoryBytes(text)).toBeUndefined();
});

test.each([
  ["2000m", 2000],
  ["0.5", 500],
  [2, 2000],
])("%s of CPU is %i thousandths of a core", (quantity, millis) => {
  expect(cpuMillis(quantity)).toBe(millis);
});
