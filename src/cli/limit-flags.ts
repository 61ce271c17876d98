/** The flags that say how much a run may take. */
import { Flags } from "@oclif/core";
import { durationHelpValue, parseGoDuration } from "../config/go-duration.ts";
import { PropError } from "../errors.ts";
import { parseSize } from "../function/quantities.ts";

export const limitFlags = {
  timeout: Flags.string({ description: "Stop the function after this time.", helpValue: durationHelpValue }),
  memory: Flags.string({ description: "Memory the function may have: 64MiB, 1GiB." }),
};

/** A WebAssembly module has its memory in pages. */
const PAGE_BYTES = 65_536;

/** @throws PropError `QUANTITY_INVALID` or `DURATION_INVALID`, that name the flag */
export function limitsOf(flags: { timeout?: string | undefined; memory?: string | undefined }): {
  wallTimeMs?: number;
  memoryBytes?: number;
} {
  const wallTimeMs = readFlag("--timeout", flags.timeout, parseGoDuration);
  const memoryBytes = readFlag("--memory", flags.memory, parseMemory);
  return {
    ...(wallTimeMs === undefined ? {} : { wallTimeMs }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function parseMemory(text: string): number {
  const bytes = parseSize(text);
  if (bytes >= PAGE_BYTES) return bytes;
  throw new PropError({
    code: "QUANTITY_INVALID",
    message: `${text} is less than 64KiB, one page of a module's memory`,
    hint: "Write it like 64MiB, 1GiB or a number of bytes.",
    exitCode: 2,
  });
}

function readFlag<T>(flag: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof PropError)) throw error;
    const { code, message, hint, exitCode } = error;
    throw new PropError({
      code,
      message: `${flag}: ${message}`,
      exitCode,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
