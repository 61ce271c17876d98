/** WASI preview 1: `random_get`. */
import { randomFillSync } from "node:crypto";
import type { WasiContext, WasiFunctions } from "./context.ts";

export function randomFunctions({ memory }: WasiContext): WasiFunctions {
  return {
    random_get: (address: number, length: number) => {
      randomFillSync(memory.slice(address, length));
      return 0;
    },
  };
}
