/** Kills parts of a system at random, and starts them again. */
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../support/malformed/random.ts";
import type { System } from "./system.ts";

export interface MonkeyOptions {
  system: System;
  random: Random;
  /** How often something is killed. */
  kills: number;
  /** Called before each of them. */
  onTurn: () => void;
  /** Ends it early; the victim of then is up again first. */
  signal: AbortSignal;
}

interface Victim {
  name: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

const LONGEST_PAUSE_MS = 1_000;
const LONGEST_DOWN_MS = 1_500;

/** Resolves, once all is up again, with how often each part was killed. */
export async function unleash({
  system,
  random,
  kills,
  onTurn,
  signal,
}: MonkeyOptions): Promise<Map<string, number>> {
  const victims = victimsOf(system);
  const killed = new Map<string, number>();
  for (let turn = 0; turn < kills && !signal.aborted; turn++) {
    onTurn();
    await delay(random.below(LONGEST_PAUSE_MS));
    const first = random.pick(victims);
    // At times two go at once: what one would mend, the other has forgotten.
    const second = random.below(4) === 0 ? random.pick(victims) : first;
    for (const victim of new Set([first, second])) {
      // One in four is told to stop, and hands over what it has.
      await victim.kill(random.below(4) === 0 ? "SIGTERM" : "SIGKILL");
      killed.set(victim.name, (killed.get(victim.name) ?? 0) + 1);
    }
    await delay(random.below(LONGEST_DOWN_MS));
    for (const victim of new Set([first, second])) await victim.start();
  }
  return killed;
}

function victimsOf({ manager, proplets, broker }: System): Victim[] {
  const parts = [manager, ...proplets].map((part) => ({
    name: part.name,
    kill: (signal: NodeJS.Signals) => part.kill(signal),
    start: async () => part.start(),
  }));
  return [...parts, { name: "broker", ...broker }];
}
