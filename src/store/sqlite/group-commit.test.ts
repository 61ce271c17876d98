import { describe, expect, it } from "vitest";
import type { Change } from "../store.ts";
import { groupCommit } from "./group-commit.ts";

const deleted = (id: string): Change => ({ kind: "taskDeleted", id });
const diskFull = () => Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });

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
      if (full) throw diskFull();
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

  it("says why it fails until a write succeeds, and doesn't write everything again for each who comes", async () => {
    let full = true;
    let tries = 0;
    const group = groupCommit(() => {
      tries += 1;
      if (full) throw diskFull();
    });
    expect(group.failure()).toBeUndefined();
    await expect(group.commit([deleted("a")])).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(group.failure()).toMatchObject({ code: "STORE_FAILED" });
    const more = Array.from({ length: 20 }, (_, index) => group.commit([deleted(`b${index}`)]));
    for (let read = 0; read < 20; read++) group.flush();
    expect(tries).toBe(1);
    await Promise.allSettled(more);
    expect(tries).toBe(2);
    full = false;
    await group.commit([]);
    expect(group.failure()).toBeUndefined();
  });

  it("is well again once all that failed were samples, which it doesn't keep", async () => {
    let full = true;
    const group = groupCommit(() => {
      if (full) throw diskFull();
    });
    const sample: Change = { kind: "propletMetrics", metrics: { proplet_id: "p1" } };
    await expect(group.commit([sample])).rejects.toMatchObject({ code: "STORE_FAILED" });
    full = false;
    await expect.poll(() => group.failure(), { timeout: 5_000 }).toBeUndefined();
  });

  it("keeps no samples while the disk is full", async () => {
    const writes: Change[][] = [];
    let full = true;
    const group = groupCommit((changes) => {
      if (full) throw diskFull();
      writes.push(changes);
    });
    const sample: Change = { kind: "propletMetrics", metrics: { proplet_id: "p1" } };
    const outcomes = await Promise.allSettled([group.commit([sample]), group.commit([deleted("a"), sample])]);
    expect(outcomes).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    full = false;
    await group.commit([]);
    expect(writes).toEqual([[deleted("a")]]);
  });

  it("drops a change that can never be written, with what it came with, and writes all others", async () => {
    const written: Change[][] = [];
    const group = groupCommit((changes) => {
      if (changes.some((change) => change.kind === "taskDeleted" && change.id === "bad"))
        throw new RangeError("string too long");
      written.push(changes);
    });
    const outcomes = await Promise.allSettled([
      group.commit([deleted("a")]),
      group.commit([deleted("bad"), deleted("b")]),
      group.commit([deleted("c")]),
    ]);
    expect(outcomes).toMatchObject([
      { status: "fulfilled" },
      {
        status: "rejected",
        reason: { code: "CHANGE_REFUSED", message: "the store can't keep task bad, task b: string too long" },
      },
      { status: "fulfilled" },
    ]);
    await group.commit([deleted("d")]);
    expect(written).toEqual([[deleted("a")], [deleted("c")], [deleted("d")]]);
  });

  it("keeps what is left for later where the disk fills up while it looks for the one that is wrong", async () => {
    const written: Change[][] = [];
    let room = 1;
    const group = groupCommit((changes) => {
      if (changes.some((change) => change.kind === "taskDeleted" && change.id === "bad"))
        throw new RangeError("string too long");
      if (room-- <= 0) throw diskFull();
      written.push(changes);
    });
    const commits = ["a", "bad", "b", "c"].map((id) => group.commit([deleted(id)]));
    expect((await Promise.allSettled(commits)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "rejected",
    ]);
    room = 10;
    await group.commit([deleted("d")]);
    expect(written).toEqual([[deleted("a")], [deleted("b"), deleted("c"), deleted("d")]]);
  });

  it("writes what waits before a query", () => {
    const writes: Change[][] = [];
    const group = groupCommit((changes) => writes.push(changes));
    void group.commit([deleted("a")]);
    group.flush();
    expect(writes).toEqual([[deleted("a")]]);
  });
});
