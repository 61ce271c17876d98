/** WASI preview 1: `poll_oneoff`. Clocks are slept on; streams are always ready, for reads and writes may block. */
import { clockTime } from "./clocks.ts";
import { descriptorAt, type WasiContext, type WasiFunctions } from "./context.ts";
import { errno, WasiError } from "./errno.ts";
import type { GuestMemory } from "./guest-memory.ts";

const subscriptionBytes = 48;
const eventBytes = 32;
const maximumSubscriptions = 16_384;
const clockEvent = 0;
const absoluteTime = 1;

interface Event {
  userdata: bigint;
  type: number;
  error: number;
}

/** A clock to wait for: how long it still takes, in nanoseconds. */
interface Timer extends Event {
  remainingNs: bigint;
}

function asErrno(error: unknown): number {
  if (error instanceof WasiError) return error.errno;
  throw error;
}

function readTimer(memory: GuestMemory, at: number, userdata: bigint): Timer {
  const timer: Timer = { userdata, type: clockEvent, error: 0, remainingNs: 0n };
  const timeout = memory.readU64(at + 24);
  try {
    const now = clockTime(memory.readU32(at + 16));
    timer.remainingNs = memory.readU16(at + 40) & absoluteTime ? timeout - now : timeout;
  } catch (error) {
    timer.error = asErrno(error);
  }
  return timer;
}

function readStream(context: WasiContext, at: number, userdata: bigint, type: number): Event {
  try {
    descriptorAt(context, context.memory.readU32(at + 16));
    return { userdata, type, error: 0 };
  } catch (error) {
    return { userdata, type, error: asErrno(error) };
  }
}

function writeEvent(memory: GuestMemory, at: number, { userdata, type, error }: Event): void {
  memory.clear(at, eventBytes);
  memory.writeU64(at, userdata);
  memory.writeU16(at + 8, error);
  memory.writeU8(at + 10, type);
  if (type !== clockEvent) memory.writeU64(at + 16, 1n);
}

const never = new Int32Array(new SharedArrayBuffer(4));

function sleep(ns: bigint): void {
  if (ns > 0n) Atomics.wait(never, 0, 0, Number(ns) / 1e6);
}

function expired(timers: Timer[], atNs: bigint): Timer[] {
  return timers.filter(({ remainingNs }) => remainingNs <= atNs);
}

/** The timers that end first, after waiting for them; without a wait those that have ended, where a stream is ready. */
function expiredTimers(timers: Timer[], streamReady: boolean): Timer[] {
  const [first] = timers.map(({ remainingNs }) => remainingNs).sort((a, b) => Number(a - b));
  if (first === undefined || streamReady) return expired(timers, 0n);
  sleep(first);
  return expired(timers, first);
}

export function pollFunctions(context: WasiContext): WasiFunctions {
  const { memory } = context;
  return {
    poll_oneoff: (subscriptionsAt: number, eventsAt: number, count: number, countAt: number) => {
      if (count < 1 || count > maximumSubscriptions) return errno.inval;
      memory.slice(subscriptionsAt, count * subscriptionBytes);
      memory.slice(eventsAt, count * eventBytes);
      const timers: Timer[] = [];
      const events: Event[] = [];
      for (let index = 0; index < count; index++) {
        const at = (subscriptionsAt >>> 0) + index * subscriptionBytes;
        const type = memory.readU8(at + 8);
        if (type > 2) return errno.inval;
        const userdata = memory.readU64(at);
        if (type === clockEvent) timers.push(readTimer(memory, at, userdata));
        else events.push(readStream(context, at, userdata, type));
      }
      events.push(...expiredTimers(timers, events.length > 0));
      for (const [index, event] of events.entries()) {
        writeEvent(memory, (eventsAt >>> 0) + index * eventBytes, event);
      }
      memory.writeU32(countAt, events.length);
      return 0;
    },
  };
}
