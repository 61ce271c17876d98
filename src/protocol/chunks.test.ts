import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleImage, splitImage } from "./chunks.ts";

const image = fc.uint8Array({ minLength: 1, maxLength: 3_000 });
const chunkBytes = fc.integer({ min: 1, max: 700 });

describe("an image in chunks", () => {
  it("comes together from chunks in any order, repeated", () => {
    fc.assert(
      fc.property(image, chunkBytes, fc.infiniteStream(fc.nat()), (image, chunkBytes, random) => {
        const chunks = [...splitImage(image, { appName: "app", chunkBytes })];
        const shuffled = [...chunks, ...chunks.slice(0, 3)]
          .map((chunk) => ({ chunk, at: random.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at);
        const assembly = assembleImage(10_000);
        const states = shuffled.map(({ chunk }) => assembly.add(chunk));
        const complete = states.find(({ state }) => state === "complete");
        expect(complete).toEqual({ state: "complete", image });
      }),
    );
  });

  it("comes together from what was missing, asked for again", () => {
    fc.assert(
      fc.property(image, chunkBytes, fc.func(fc.boolean()), (image, chunkBytes, isLost) => {
        const assembly = assembleImage(10_000);
        const all = [...splitImage(image, { appName: "app", chunkBytes })];
        for (const chunk of all) if (!isLost(chunk.chunk_idx)) assembly.add(chunk);
        const have = assembly.have();
        const rest = [...splitImage(image, { appName: "app", chunkBytes, have })];
        expect(rest.length + have.length).toBe(all.length);
        const last = rest.map((chunk) => assembly.add(chunk)).at(-1);
        if (rest.length > 0) expect(last).toEqual({ state: "complete", image });
      }),
    );
  });

  const chunk = { app_name: "app", chunk_idx: 0, total_chunks: 2, data: "AAAA" };

  it.each([
    ["disagree on their number", { ...chunk, total_chunks: 3 }],
    ["chunk 2 of 2 doesn't exist", { ...chunk, chunk_idx: 2 }],
    ["chunk 1 is not base64", { ...chunk, chunk_idx: 1, data: "*" }],
    ["larger than 5 bytes", { ...chunk, chunk_idx: 1, data: "AAAA" }],
  ])("is refused where %s", (reason, bad) => {
    const assembly = assembleImage(5);
    assembly.add(chunk);
    expect(assembly.add(bad)).toEqual({ state: "refused", reason: expect.stringContaining(reason) });
  });
});
