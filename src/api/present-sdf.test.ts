import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { presentSdf } from "./present-sdf.ts";

const golden = readFileSync(new URL("../../test/golden/legacy-manager.jsonl", import.meta.url), "utf8");
const recorded = golden
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .find(({ step }) => step === "sdf").body;

test("a proplet's SDF document is the one that existing installations give", () => {
  expect(presentSdf({ id: "$p1", name: "Stempel-Cleto" })).toEqual(recorded);
});

test("every reference in it points to something that is there", () => {
  const document = presentSdf({ id: "p1", name: "Quiet-Heron" });
  const references = [...JSON.stringify(document).matchAll(/"sdfRef":"#\/([^"]+)"/g)];
  expect(references.length).toBe(5);
  for (const [, path = ""] of references) {
    let found: unknown = document;
    for (const step of path.split("/")) found = Reflect.get(Object(found), step);
    expect(found).toMatchObject({ type: "object" });
  }
});
