import { afterEach, expect, test, vi } from "vitest";
import type { TokenRecord } from "../model/token.ts";
import type { Change } from "../store/store.ts";
import { createTokens } from "./tokens.ts";

const HOUR_MS = 3_600_000;

function setUp(records: TokenRecord[] = []) {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  const written: Change[] = [];
  const store = { commit: async (changes: readonly Change[]) => void written.push(...changes) };
  return { written, tokens: createTokens({ records, store, now: () => new Date() }) };
}

afterEach(() => vi.useRealTimers());

test("a token is told once, and its hash is all that is written", async () => {
  const { tokens, written } = setUp();
  const { token, record } = await tokens.create({ name: "ci", scope: "deploy" });
  expect(token).toMatch(new RegExp(`^prop_${record.id}_[0-9a-f]{40}$`));
  expect(written).toEqual([{ kind: "token", token: record }]);
  expect(JSON.stringify(written)).not.toContain(token.slice(-40));
  expect(tokens.check(token)).toEqual(record);
});

test("a token is known again after a restart", async () => {
  const { token, record } = await setUp().tokens.create({ name: "ci", scope: "read" });
  expect(setUp([record]).tokens.check(token)).toEqual(record);
});

test("what is not the whole token is nobody's", async () => {
  const { tokens } = setUp();
  const { token } = await tokens.create({ name: "ci", scope: "admin" });
  const other = token.endsWith("0") ? "1" : "0";
  for (const wrong of [token.slice(0, -1) + other, token.slice(0, -1), `${token}0`, "", token.toUpperCase()])
    expect(tokens.check(wrong)).toBeUndefined();
});

test("a token holds until it expires", async () => {
  const { tokens } = setUp();
  const { token, record } = await tokens.create({ name: "ci", scope: "read", expiresInMs: HOUR_MS });
  expect(record.expires_at).toBe("2026-01-01T01:00:00.000Z");
  vi.advanceTimersByTime(HOUR_MS - 1);
  expect(tokens.check(token)).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(tokens.check(token)).toBeUndefined();
});

test("a revoked token is refused before its end is even on disk", async () => {
  const { tokens, written } = setUp();
  const { token, record } = await tokens.create({ name: "ci", scope: "read" });
  const revoked = tokens.revoke(record.id);
  expect(tokens.check(token)).toBeUndefined();
  await revoked;
  expect(written.at(-1)).toEqual({ kind: "tokenDeleted", id: record.id });
  await expect(tokens.revoke(record.id)).rejects.toMatchObject({ code: "TOKEN_NOT_FOUND" });
});

test("a revocation that can't be written may be tried again, and the token is refused meanwhile", async () => {
  vi.useFakeTimers();
  let isFull = false;
  const commit = vi.fn(async () => {
    if (isFull) throw new Error("disk full");
  });
  const tokens = createTokens({ records: [], store: { commit }, now: () => new Date() });
  const { token, record } = await tokens.create({ name: "ci", scope: "read" });
  isFull = true;
  await expect(tokens.revoke(record.id)).rejects.toThrow("disk full");
  expect(tokens.check(token)).toBeUndefined();
  isFull = false;
  await tokens.revoke(record.id);
  expect(commit).toHaveBeenLastCalledWith([{ kind: "tokenDeleted", id: record.id }]);
});

test("who watches a token hears of its end once, by expiry or revocation", async () => {
  const { tokens } = setUp();
  const short = await tokens.create({ name: "short", scope: "read", expiresInMs: 90 * 24 * HOUR_MS });
  const long = await tokens.create({ name: "long", scope: "read" });
  const ended: string[] = [];
  tokens.watch(short.record.id, () => ended.push("short"));
  tokens.watch(long.record.id, () => ended.push("long"));
  tokens.watch(long.record.id, () => ended.push("stopped"))();
  vi.advanceTimersByTime(89 * 24 * HOUR_MS);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(24 * HOUR_MS);
  expect(ended).toEqual(["short"]);
  await tokens.revoke(long.record.id);
  expect(ended).toEqual(["short", "long"]);
  expect(vi.getTimerCount()).toBe(0);
});

test.each(["", "a b", "-x", "x".repeat(64)])("%j is no name", async (name) => {
  await expect(setUp().tokens.create({ name, scope: "read" })).rejects.toMatchObject({
    code: "TOKEN_INVALID",
  });
});
