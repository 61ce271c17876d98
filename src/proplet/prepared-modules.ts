/** Modules ready to run, by digest: the ones in use, and the latest of the others. */
import type { Engine, PreparedModule } from "../engine/engine.ts";

/** A module that stays ready until the lease is released. */
export interface Lease {
  readonly module: PreparedModule;
  release(): void;
}

export interface PreparedModules {
  /** A module that is ready now. */
  lease(digest: string): Lease | undefined;
  /** Has the engine compile a module, once for all that ask at the same time. */
  prepare(digest: string, bytes: Uint8Array): Promise<Lease>;
  /** Releases what nobody uses. */
  close(): void;
}

interface Entry {
  readonly compiling: Promise<PreparedModule>;
  module?: PreparedModule;
  /** Leases, and those who wait for one. */
  uses: number;
}

/** @param limit how many modules are kept; those in use stay beyond it */
export function createPreparedModules(engine: Engine, limit: number): PreparedModules {
  const entries = new Map<string, Entry>();

  function leaseOf(entry: Entry, module: PreparedModule): Lease {
    let isReleased = false;
    return {
      module,
      release() {
        if (isReleased) return;
        isReleased = true;
        entry.uses--;
        evict(limit);
      },
    };
  }

  /** Counts one more use, and makes the module the latest. */
  function use(digest: string, entry: Entry): Entry {
    entry.uses++;
    entries.delete(digest);
    entries.set(digest, entry);
    return entry;
  }

  function evict(keep: number): void {
    if (entries.size <= keep) return;
    for (const [digest, entry] of entries) {
      if (entry.uses > 0) continue;
      entries.delete(digest);
      entry.module?.release();
      if (entries.size <= keep) return;
    }
  }

  return {
    lease(digest) {
      const entry = entries.get(digest);
      return entry?.module && leaseOf(use(digest, entry), entry.module);
    },
    async prepare(digest, bytes) {
      const entry = use(digest, entries.get(digest) ?? { compiling: engine.prepare(bytes), uses: 0 });
      try {
        entry.module = await entry.compiling;
        return leaseOf(entry, entry.module);
      } catch (error) {
        if (entries.get(digest) === entry) entries.delete(digest);
        throw error;
      }
    },
    close: () => evict(0),
  };
}
