/** How many requests a second each client may make: a bucket of tokens for each. */
import { PropError } from "../errors.ts";
import type { App } from "./app.ts";
import { clientOf } from "./auth.ts";

export interface RateLimiter {
  /** Takes one request from a client's bucket: 0, or how many milliseconds are missing until there is one. */
  take(client: string): number;
}

interface Bucket {
  left: number;
  atMs: number;
}

/** Those beyond share one bucket, so that made-up addresses cost no memory. */
const MOST_CLIENTS = 10_000;
const SHARED = "";

/** A bucket holds what a client may ask in a second, and fills up in one. `now` is in milliseconds. */
export function createRateLimiter(perSecond: number, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>();
  let sweptAtMs = now();

  /** A bucket that was left alone for a second is full: as good as none. */
  function sweep(atMs: number): void {
    if (atMs - sweptAtMs < 1_000) return;
    sweptAtMs = atMs;
    for (const [client, bucket] of buckets) if (atMs - bucket.atMs >= 1_000) buckets.delete(client);
  }

  function bucketOf(client: string, atMs: number): Bucket {
    const known = buckets.get(client);
    if (known !== undefined) return known;
    const key = buckets.size < MOST_CLIENTS ? client : SHARED;
    const bucket = buckets.get(key) ?? { left: perSecond, atMs };
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    take(client) {
      const atMs = now();
      sweep(atMs);
      const bucket = bucketOf(client, atMs);
      bucket.left = Math.min(perSecond, bucket.left + ((atMs - bucket.atMs) / 1_000) * perSecond);
      bucket.atMs = atMs;
      if (bucket.left < 1) return Math.ceil(((1 - bucket.left) / perSecond) * 1_000);
      bucket.left -= 1;
      return 0;
    },
  };
}

/** Call it before the routes are added, and after `identifyClients`. */
export function limitRate(app: App, perSecond: number): void {
  const limiter = createRateLimiter(perSecond, () => performance.now());
  app.addHook("onRequest", (request, reply, done) => {
    const waitMs = limiter.take(clientOf(request));
    if (waitMs === 0) return done();
    reply.header("retry-after", Math.ceil(waitMs / 1_000));
    done(
      new PropError({
        code: "RATE_LIMITED",
        message: `more than ${perSecond} requests a second`,
        hint: "Wait for the seconds that the header Retry-After says; the manager's --rate-limit sets how many are allowed.",
      }),
    );
  });
}
