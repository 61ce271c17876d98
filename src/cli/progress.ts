/** How far a transfer is, on one line of a terminal, once it has taken a second. */
import { sizeText } from "../engine/size-text.ts";

export interface Progress {
  report(doneBytes: number, totalBytes: number): void;
  /** Takes the line away. */
  end(): void;
}

const AFTER_MS = 1_000;
const EVERY_MS = 100;
const WIDTH = 24;

/** @param terminal where it is shown; nowhere where that is no terminal */
export function createProgress(what: string, terminal: NodeJS.WriteStream, now = Date.now): Progress {
  const startedAt = now();
  let shownAt = 0;
  return {
    report(doneBytes, totalBytes) {
      const at = now();
      if (!terminal.isTTY || at - startedAt < AFTER_MS || at - shownAt < EVERY_MS) return;
      shownAt = at;
      const filled = totalBytes === 0 ? WIDTH : Math.round((doneBytes / totalBytes) * WIDTH);
      const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      const perSecond = sizeText(Math.round((doneBytes / (at - startedAt)) * 1_000));
      terminal.write(
        `\r\u001b[K${what} ${bar} ${sizeText(doneBytes)} of ${sizeText(totalBytes)}, ${perSecond}/s`,
      );
    },
    end() {
      if (shownAt > 0) terminal.write("\r\u001b[K");
    },
  };
}
