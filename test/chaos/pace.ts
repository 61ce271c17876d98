/** Lets the load go on only as the killing does, so that it lasts as long, however fast the machine is. */
export interface Pace {
  /** Resolves once the n-th task may be handed in. */
  until(n: number): Promise<void>;
  /** So many more may be. */
  allow(count: number): void;
}

export function createPace(): Pace {
  let allowed = 0;
  let step = Promise.withResolvers<void>();
  return {
    async until(n) {
      while (n > allowed) await step.promise;
    },
    allow(count) {
      allowed += count;
      step.resolve();
      step = Promise.withResolvers();
    },
  };
}
