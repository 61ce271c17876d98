import { describe, expect, it } from "vitest";
import { topicsOf } from "./topics.ts";

const topics = topicsOf("lab", "control");

describe("topics", () => {
  it("stand under the domain and the channel", () => {
    expect(topics.of("discovery")).toBe("m/lab/c/control/control/proplet/create");
    expect(topics.of("chunk", "p1")).toBe("m/lab/c/control/registry/server/p1");
  });

  it("are read back as what they were built from", () => {
    expect(topics.parse(topics.of("start"))).toEqual({ kind: "start" });
    expect(topics.parse(topics.of("received", "p1"))).toEqual({ kind: "received", propletId: "p1" });
  });

  it.each([
    "m/other/c/control/control/proplet/create",
    "m/lab/c/control/control/proplet/create/p1",
    "m/lab/c/control/control/manager/start/",
    "m/lab/c/control",
    "",
  ])("are not %j", (topic) => {
    expect(topics.parse(topic)).toBeUndefined();
  });
});
