/** Timers as a parameter: tests have their own. */

/** Calls `work` once after `delayMs`; what it returns prevents that. */
export type SetTimer = (work: () => void, delayMs: number) => () => void;

export const nodeTimer: SetTimer = (work, delayMs) => {
  const timer = setTimeout(work, delayMs);
  return () => clearTimeout(timer);
};
