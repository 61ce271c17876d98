import { describe, expect, it } from "vitest";
import { findMosquitto } from "../support/mosquitto.ts";
import { runChaos } from "./chaos.ts";

const binary = findMosquitto();

describe.skipIf(binary === undefined)("a system whose parts are killed at random, for a short while", () => {
  it("brings every task to one end, with each attempt on record", async () => {
    const { violations } = await runChaos({
      binary: binary ?? "",
      tasks: 600,
      proplets: 2,
      kills: 10,
    });
    expect(violations).toEqual([]);
  });
});
