import { expect, test } from "vitest";
import { nextSteps } from "./next-steps.ts";

const commands = (steps: string[]) => steps.map((step) => step.split("  ")[0]);

test("the steps lead from this folder to a run", () => {
  expect(commands(nextSteps("hello", true))).toEqual([
    "cd hello",
    "npm install",
    "prop dev",
    "prop build",
    "prop run . 2 3",
  ]);
});

test("a step that is not needed is left out, and a folder with a space can be pasted", () => {
  expect(commands(nextSteps("", false))).toEqual(["prop dev", "prop build", "prop run . 2 3"]);
  expect(nextSteps("My Fn", false)[0]).toBe('cd "My Fn"');
});

test("each kind is called in its own way", () => {
  expect(nextSteps("", false, "event").at(-1)).toContain("--data");
  expect(nextSteps("", false, "http").at(-1)).toContain("--request");
});
