/** Bearer tokens: made here, told once, kept as a hash, and looked up for every request. */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { PropError } from "../errors.ts";
import type { TokenRecord } from "../model/token.ts";
import type { Store } from "../store/store.ts";
import type { Tokens } from "./manager.ts";

export interface TokensDependencies {
  records: readonly TokenRecord[];
  store: Pick<Store, "commit">;
  now: () => Date;
}

const FORM = /^prop_([0-9a-f]{12})_[0-9a-f]{40}$/;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;
/** A timer that is set for longer fires at once. Milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** RFC 3339 knows no year after 9999. */
const LAST_MOMENT_MS = Date.UTC(10_000, 0);

export function createTokens({ records, store, now }: TokensDependencies): Tokens & { close(): void } {
  const known = new Map(records.map((record) => [record.id, record]));
  /** Revoked, but a restart would bring them back: who was told so may try again. */
  const unwritten = new Set<string>();
  const watchers = new Map<string, Set<() => void>>();
  const timers = new Map<string, NodeJS.Timeout>();

  function msLeft({ expires_at }: TokenRecord): number {
    return expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at) - now().getTime();
  }

  /** Tells those who watch a token when it has expired; a token that nobody watches needs no timer. */
  function awaitExpiry(record: TokenRecord): void {
    const left = msLeft(record);
    if (left === Number.POSITIVE_INFINITY) return;
    clearTimeout(timers.get(record.id));
    const timer = setTimeout(
      () => (msLeft(record) > 0 ? awaitExpiry(record) : end(record.id)),
      Math.min(Math.max(left, 0), LONGEST_TIMER_MS),
    );
    timers.set(record.id, timer.unref());
  }

  function end(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    const ended = watchers.get(id) ?? [];
    watchers.delete(id);
    for (const tell of ended) tell();
  }

  return {
    async create({ name, scope, expiresInMs }) {
      checkInput(name, expiresInMs);
      const at = now();
      const id = randomBytes(6).toString("hex");
      const token = `prop_${id}_${randomBytes(20).toString("hex")}`;
      const expiresAtMs = at.getTime() + (expiresInMs ?? LAST_MOMENT_MS);
      const record: TokenRecord = {
        id,
        name,
        scope,
        hash: hashOf(token).toString("hex"),
        created_at: at.toISOString(),
        ...(expiresAtMs < LAST_MOMENT_MS ? { expires_at: new Date(expiresAtMs).toISOString() } : {}),
      };
      await store.commit([{ kind: "token", token: record }]);
      known.set(id, record);
      return { record, token };
    },
    list: async () => [...known.values()].sort((a, b) => a.created_at.localeCompare(b.created_at)),
    async revoke(id) {
      if (!known.delete(id) && !unwritten.has(id)) throw notFound(id);
      unwritten.add(id);
      end(id);
      await store.commit([{ kind: "tokenDeleted", id }]);
      unwritten.delete(id);
    },
    check(token) {
      const [, id = ""] = FORM.exec(token) ?? [];
      const record = known.get(id);
      if (record === undefined) return undefined;
      const isSame = timingSafeEqual(hashOf(token), Buffer.from(record.hash, "hex"));
      return isSame && msLeft(record) > 0 ? record : undefined;
    },
    watch(id, onEnd) {
      const record = known.get(id);
      const listeners = watchers.get(id) ?? new Set();
      watchers.set(id, listeners.add(onEnd));
      if (record === undefined) setImmediate(end, id);
      else if (!timers.has(id)) awaitExpiry(record);
      return () => {
        listeners.delete(onEnd);
        if (listeners.size > 0 || watchers.get(id) !== listeners) return;
        watchers.delete(id);
        clearTimeout(timers.get(id));
        timers.delete(id);
      };
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      watchers.clear();
    },
  };
}

function hashOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

function checkInput(name: string, expiresInMs: number | undefined): void {
  if (!NAME.test(name)) {
    throw new PropError({
      code: "TOKEN_INVALID",
      message: `"${name}" is no token's name`,
      hint: "Take up to 63 letters, digits, dots, hyphens and underscores: ci",
    });
  }
  if (expiresInMs === undefined || (Number.isFinite(expiresInMs) && expiresInMs >= 1_000)) return;
  throw new PropError({ code: "TOKEN_INVALID", message: "a token has to last for at least a second" });
}

function notFound(id: string): PropError {
  return new PropError({
    code: "TOKEN_NOT_FOUND",
    message: `there is no token ${id}`,
    hint: "See: prop token list",
  });
}
