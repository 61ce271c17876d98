import { describe, expect, it } from "vitest";
import { findMosquitto } from "../support/mosquitto.ts";
import { runChaos } from "./chaos.ts";

const binary = findMosquitto();

describe.skipIf(binary === undefined)("a system whose parts are killed at random, for minutes", () => {
  it("brings 5,000 tasks to one end each, with each attempt on record", { timeout: 600_000 }, async () => {
    const { violations } = await runChaos({
      binary: binary ?? "",
      tasks: 5_000,
      proplets: 3,
      kills: 80,
    });
    expect(violations).toEqual([]);
  });
});
