/** Numbers that look random and are the same for the same seed, so that a finding can be had again. */

export interface Random {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  uuid(): string;
}

/** Mulberry32: 32 bits of state, good enough to choose with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  const hex = (digits: number) => (next() % 16 ** digits).toString(16).padStart(digits, "0");
  return {
    below: (limit) => next() % limit,
    pick(from) {
      if (from.length === 0) throw new Error("nothing to pick from");
      return from[next() % from.length] as (typeof from)[number];
    },
    uuid: () => `${hex(4)}${hex(4)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(4)}${hex(4)}${hex(4)}`,
  };
}
