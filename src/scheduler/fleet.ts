/** All proplets as candidates, indexed so that a placement costs O(log n) however many there are. */
import type { Proplet } from "../model/proplet.ts";
import { type Candidate, candidateOf, withStanding } from "./candidate.ts";
import { type Demand, type Holding, NOTHING } from "./demand.ts";
import { fits, place } from "./place.ts";
import { compareBy, isWarm, policies } from "./policies/index.ts";
import { createPool, type Pool } from "./pool.ts";
import { wordsFor, wordsOf } from "./words.ts";

export interface Fleet {
  readonly candidates: ReadonlyMap<string, Candidate>;
  /** A proplet came, or is another than before. */
  put(proplet: Proplet): void;
  remove(propletId: string): void;
  /** It was given a task: it has less room, and its equals come first now. */
  hold(propletId: string, amounts: Holding): void;
  /** A task there is gone. */
  release(propletId: string, amounts: Holding): void;
  /**
   * The same choice that `place` makes among all.
   * @param warm ids of proplets that have the task's module
   */
  choose(demand: Demand, warm: Iterable<string>): Candidate | undefined;
}

/** Kinds of demand that are kept in order. One that comes for the first time is not: most come once. */
const POOLS_KEPT = 32;

export function createFleet(): Fleet {
  const candidates = new Map<string, Candidate>();
  const byWord = new Map<string, Set<string>>();
  /** Also of proplets that are not known, or no longer. */
  const held = new Map<string, Holding>();
  const pools = new Map<string, Pool | undefined>();
  let seats = 0;
  let turns = 0;

  function replace(id: string, after: Candidate | undefined): void {
    const before = candidates.get(id);
    if (after === undefined) candidates.delete(id);
    else candidates.set(id, after);
    for (const pool of pools.values()) pool?.replace(before, after);
  }

  function file(id: string, before: Candidate | undefined, after: Candidate | undefined): void {
    for (const word of before === undefined ? [] : wordsOf(before)) {
      const ids = byWord.get(word);
      ids?.delete(id);
      if (ids?.size === 0) byWord.delete(word);
    }
    for (const word of after === undefined ? [] : wordsOf(after)) {
      byWord.set(word, (byWord.get(word) ?? new Set()).add(id));
    }
  }

  function add(id: string, amounts: Holding, sign: 1 | -1): void {
    const was = held.get(id) ?? NOTHING;
    const is: Holding = {
      slots: was.slots + sign * amounts.slots,
      cpuMillis: was.cpuMillis + sign * amounts.cpuMillis,
      memoryBytes: was.memoryBytes + sign * amounts.memoryBytes,
      residents: was.residents + sign * amounts.residents,
    };
    if (is.slots === 0 && is.cpuMillis === 0 && is.memoryBytes === 0 && is.residents === 0) held.delete(id);
    else held.set(id, is);
    const candidate = candidates.get(id);
    if (sign === 1) turns += 1;
    const lastTurn = sign === 1 ? turns : candidate?.lastTurn;
    if (candidate === undefined || lastTurn === undefined) return;
    replace(id, withStanding(candidate, { held: is, lastTurn, seat: candidate.seat }));
  }

  function* filed(demand: Demand): Iterable<Candidate> {
    for (const word of wordsFor(demand)) {
      for (const id of byWord.get(word) ?? []) {
        const candidate = candidates.get(id);
        if (candidate !== undefined) yield candidate;
      }
    }
  }

  /** Undefined for a kind that is new, or was not asked for lately. */
  function poolOf(demand: Demand): Pool | undefined {
    const { kind } = demand;
    const isKnown = pools.has(kind);
    const pool = pools.get(kind) ?? (isKnown ? createPool(demand, filed(demand)) : undefined);
    pools.delete(kind);
    pools.set(kind, pool);
    for (const oldest of pools.keys()) {
      if (pools.size <= POOLS_KEPT) break;
      pools.delete(oldest);
    }
    return pool;
  }

  function warmest(demand: Demand, warm: Iterable<string>): Candidate | undefined {
    const known: Candidate[] = [];
    for (const id of warm) {
      const candidate = candidates.get(id);
      if (candidate !== undefined) known.push({ ...candidate, cached: true });
    }
    return place(demand, known.filter(isWarm));
  }

  function best(demand: Demand): Candidate | undefined {
    if (demand.pinnedTo !== undefined) {
      const own = candidates.get(demand.pinnedTo);
      return own !== undefined && fits(demand, own) ? own : undefined;
    }
    const pool = poolOf(demand);
    return pool === undefined ? place(demand, filed(demand)) : pool.first(demand.needs);
  }

  return {
    candidates,
    put(proplet) {
      const before = candidates.get(proplet.id);
      const { lastTurn = 0, seat = ++seats } = before ?? {};
      const after = candidateOf(proplet, { held: held.get(proplet.id) ?? NOTHING, lastTurn, seat });
      file(proplet.id, before, after);
      replace(proplet.id, after);
    },
    remove(id) {
      file(id, candidates.get(id), undefined);
      replace(id, undefined);
    },
    hold: (id, amounts) => add(id, amounts, 1),
    release: (id, amounts) => add(id, amounts, -1),
    choose(demand, warm) {
      const cached = policies[demand.policy].prefersCached ? warmest(demand, warm) : undefined;
      if (cached === undefined) return best(demand);
      const other = demand.latent ? best(demand) : undefined;
      return other !== undefined && compareBy(demand, other, cached) < 0 ? other : candidates.get(cached.id);
    },
  };
}
