/** WASI preview 1: `clock_*`, in nanoseconds. */
import process from "node:process";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { errno, WasiError } from "./errno.ts";

const realtime = 0;
const monotonic = 1;
const processCpuTime = 2;
const threadCpuTime = 3;

const driftNs = 2_000_000n;
let realtimeOffset = 0n;

/** The system clock with the monotonic clock's resolution, set right where the two drift apart by 2 ms. */
function realtimeNow(): bigint {
  const steady = process.hrtime.bigint();
  const wall = BigInt(Date.now()) * 1_000_000n;
  const drift = steady + realtimeOffset - wall;
  if (drift < 0n || drift > driftNs) realtimeOffset = wall - steady;
  return steady + realtimeOffset;
}

/** CPU time of this thread, which runs one module at a time. Node before 23.9 can't tell. */
function cpuTime(): bigint {
  if (typeof process.threadCpuUsage !== "function") throw new WasiError(errno.notsup);
  const { user, system } = process.threadCpuUsage();
  return BigInt(user + system) * 1_000n;
}

/**
 * The time of a WASI clock in nanoseconds.
 * @throws WasiError `EINVAL` for a clock that does not exist, `ENOTSUP` for one that can't be read here
 */
export function clockTime(clock: number): bigint {
  if (clock === realtime) return realtimeNow();
  if (clock === monotonic) return process.hrtime.bigint();
  if (clock === processCpuTime || clock === threadCpuTime) return cpuTime();
  throw new WasiError(errno.inval);
}

export function clockFunctions({ memory }: WasiContext): WasiFunctions {
  return {
    clock_res_get: (clock: number, resultAt: number) => {
      clockTime(clock);
      memory.writeU64(resultAt, clock === realtime || clock === monotonic ? 1n : 1_000n);
      return 0;
    },
    clock_time_get: (clock: number, _precision: bigint, resultAt: number) => {
      memory.writeU64(resultAt, clockTime(clock));
      return 0;
    },
  };
}
