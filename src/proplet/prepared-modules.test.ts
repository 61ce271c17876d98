import { expect, test } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { createPreparedModules } from "./prepared-modules.ts";

/** An engine that tells what it was asked, and refuses empty modules. */
function fakeEngine() {
  const calls: string[] = [];
  const engine: Engine = {
    run: () => Promise.reject(new Error("not here")),
    close: async () => {},
    async prepare(bytes) {
      const name = Buffer.from(bytes).toString();
      calls.push(`prepare ${name}`);
      if (name === "") throw new Error("empty");
      return {
        digest: name,
        sizeBytes: bytes.length,
        info: { kind: "core", functions: [], imports: [], memoryBytes: 0 },
        release: () => void calls.push(`release ${name}`),
      };
    },
  };
  return { calls, modules: createPreparedModules(engine, 2) };
}

test("those who ask at the same time share one compilation", async () => {
  const { calls, modules } = fakeEngine();
  await Promise.all([1, 2, 3].map(() => modules.prepare("a", Buffer.from("a"))));
  expect(calls).toEqual(["prepare a"]);
});

test("the one used longest ago goes, those in use stay", async () => {
  const { calls, modules } = fakeEngine();
  const leases = new Map<string, { release(): void }>();
  for (const name of ["a", "b", "c"]) leases.set(name, await modules.prepare(name, Buffer.from(name)));
  expect(calls).not.toContain("release a");
  leases.get("b")?.release();
  leases.get("b")?.release();
  expect(calls).toContain("release b");
  expect(modules.lease("b")).toBeUndefined();
  expect(modules.lease("a")).toBeDefined();
  modules.close();
  expect(calls).not.toContain("release a");
});

test("what could not be compiled is tried again", async () => {
  const { calls, modules } = fakeEngine();
  for (const _ of [1, 2]) await expect(modules.prepare("x", Buffer.alloc(0))).rejects.toThrow("empty");
  expect(calls).toEqual(["prepare ", "prepare "]);
});
