/** WASI preview 1: `proc_*` and `sched_yield`. */
import type { WasiFunctions } from "./context.ts";
import { errno } from "./errno.ts";

/** Thrown through the guest's frames by `proc_exit`. */
export class ProcessExit {
  readonly code: number;

  constructor(code: number) {
    this.code = code;
  }
}

export function processFunctions(): WasiFunctions {
  return {
    proc_exit: (code: number) => {
      throw new ProcessExit(code >>> 0);
    },
    proc_raise: () => errno.notsup,
    sched_yield: () => 0,
  };
}
