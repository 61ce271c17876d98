import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lossClass } from "./loss-class.ts";

/** The words that each class goes by, and where they are said. */
const said = [
  ["restarted", "../proplets/liveness.ts", "restarted"],
  ["was not heard", "../proplets/liveness.ts", "silent"],
  ["is gone", "../proplets/liveness.ts", "gone"],
  ["did not accept", "attempts.ts", "not_accepted"],
  ["could not be sent", "attempts.ts", "not_sent"],
  ["doesn't hold", "attempts.ts", "not_held"],
  ["was stopped", "attempts.ts", "stopped"],
  ["is drained", "../proplets/drains.ts", "drained"],
] as const;

test.each(said)(
  "an attempt lost because its proplet %s, as %s says, is counted as %s",
  (words, file, name) => {
    expect(lossClass(`proplet p1 ${words} …`)).toBe(name);
    expect(readFileSync(new URL(file, import.meta.url), "utf8")).toContain(words);
  },
);

test("what is not known is counted as other", () => {
  expect(lossClass("the moon")).toBe("other");
  expect(lossClass(undefined)).toBe("other");
});
