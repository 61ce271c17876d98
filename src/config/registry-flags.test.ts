import { expect, it } from "vitest";
import { mirrorEntries } from "./registry-flags.ts";

const env = { PROP_REGISTRY_MIRRORS: "a.io=http://127.0.0.1:1, b.io=https://b ," };

it("mirrors come from flags, else from the environment, separated by commas", () => {
  expect(mirrorEntries(["c.io=https://c"], env)).toEqual(["c.io=https://c"]);
  expect(mirrorEntries(undefined, env)).toEqual(["a.io=http://127.0.0.1:1", "b.io=https://b"]);
  expect(mirrorEntries(undefined, {})).toEqual([]);
});
