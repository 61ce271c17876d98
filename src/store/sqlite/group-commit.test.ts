import { describe, expect, it } from "vitest";
import type { Change } from "../store.ts";
import { groupCommit } from "./group-commit.ts";

const deleted = (id: string): Change => ({ kind: "taskDeleted", id });

describe("groupCommit", () => {
  it("writes all that waits in one go", async () => {
    const writes: Change[][] = [];
    const group = groupCommit((changes) => writes.push(changes));
    await Promise.all([group.commit([deleted("a")]), group.commit([deleted("b"), deleted("a")])]);
    expect(writes).toEqual([[deleted("b"), deleted("a")]]);
  });

  it("tells everyone who waits that the disk is full, and tries the same again with what comes next", async () => {
    const writes: Change[][] = [];
    let full = true;
    const group = groupCommit((changes) => {
      if (full) throw new Error("database or disk is full");
      writes.push(changes);
    });
    const failed = [group.commit([deleted("a")]), group.commit([deleted("b")])];
    const outcomes = await Promise.allSettled(failed);
    expect(outcomes).toMatchObject([
      {
        status: "rejected",
        reason: { code: "STORE_FAILED", message: expect.stringContaining("disk is full") },
      },
      { status: "rejected" },
    ]);
    full = false;
    await group.commit([deleted("c")]);
    expect(writes).toEqual([[deleted("a"), deleted("b"), deleted("c")]]);
  });

  it("keeps no samples while the disk is full", async () => {
    const writes: Change[][] = [];
    let full = true;
    const group = groupCommit((changes) => {
      if (full) throw new Error("database or disk is full");
      writes.push(changes);
    });
    const sample: Change = { kind: "propletMetrics", metrics: { proplet_id: "p1" } };
    const outcomes = await Promise.allSettled([group.commit([sample]), group.commit([deleted("a"), sample])]);
    expect(outcomes).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    full = false;
    await group.commit([]);
    expect(writes).toEqual([[deleted("a")]]);
  });

  it("writes what waits before a query", () => {
    const writes: Change[][] = [];
    const group = groupCommit((changes) => writes.push(changes));
    void group.commit([deleted("a")]);
    group.flush();
    expect(writes).toEqual([[deleted("a")]]);
  });
});
