/** Shows a job or a workflow: once, or again whenever one of its tasks changes, until it has ended. */
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "../api/client.ts";
import { createDrawing } from "./drawing.ts";
import { interruptible } from "./interruptible.ts";

interface WatchOptions<T> {
  client: Client;
  signal: AbortSignal;
  /** How it is now. */
  load: () => Promise<T>;
  /** The counts that say whether something of it has not ended. */
  isOver: (now: T) => boolean;
  render: (now: T) => string;
  /** Where it is drawn over itself; elsewhere only its end is shown. */
  terminal: NodeJS.WriteStream | undefined;
}

export interface ShowOptions<T> extends Omit<WatchOptions<T>, "signal"> {
  watch: boolean;
  /** Prints what isn't drawn over itself. */
  print: (text: string) => void;
}

/** Shows it as it is, or with `watch` until it has ended; "interrupted" where Ctrl-C came first. */
export async function showGroup<T>(options: ShowOptions<T>): Promise<T | "interrupted"> {
  const { watch, print, ...watching } = options;
  const { load, render, terminal } = watching;
  const shown = watch ? await interruptible((signal) => watchGroup({ ...watching, signal })) : await load();
  if (shown === "interrupted") return shown;
  if (!watch || terminal === undefined) print(render(shown));
  return shown;
}

/** At most so often. Milliseconds. */
const REDRAW_MS = 100;

/** Resolves with how it ended, or with how it is when the signal is aborted. */
async function watchGroup<T>(options: WatchOptions<T>): Promise<T> {
  const { client, signal, load, isOver, render, terminal } = options;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let wake: () => void = () => {};
  let changed = false;
  const touch = () => {
    changed = true;
    wake();
  };
  const listening = listen(client.follow({ type: "task", signal: both, onOpen: touch }), touch);
  listening.catch(touch);
  both.addEventListener("abort", touch);
  const drawing = terminal === undefined ? undefined : createDrawing(terminal);
  try {
    for (;;) {
      changed = false;
      const now = await load();
      if (isOver(now) || signal.aborted) {
        drawing?.end(render(now));
        return now;
      }
      drawing?.draw(() => render(now));
      await delay(REDRAW_MS, undefined, { signal: both }).catch(() => undefined);
      if (!changed) {
        await Promise.race([
          listening,
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        ]);
      }
    }
  } finally {
    stop.abort();
    await listening.catch(() => undefined);
  }
}

async function listen(events: AsyncIterable<unknown>, touch: () => void): Promise<void> {
  for await (const _ of events) touch();
}
