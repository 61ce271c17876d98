/** Drains: a proplet gets nothing new, and what it holds ends there or moves, within a grace time. */
import { messageOf } from "../../errors.ts";
import { holders } from "../../model/broadcast.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import type { Attempts } from "../attempts/attempts.ts";
import type { Broadcasts } from "../attempts/broadcasts.ts";
import type { Commands } from "../commands.ts";
import type { FunctionMover } from "../functions/move-function.ts";
import type { Log } from "../log.ts";
import type { State } from "../state/state.ts";

export interface Drains {
  /** Resolves once it is on disk that the proplet is drained; the end of it is told by an event. */
  begin(id: string, graceMs: number): Promise<void>;
  /** What has moved stays where it is now. */
  cancel(id: string): void;
  /** Goes on with those that this manager's end cut off. */
  resume(): void;
  close(): void;
}

export interface DrainsDependencies {
  state: State;
  attempts: Pick<Attempts, "release">;
  broadcasts: Pick<Broadcasts, "lose">;
  commands: Pick<Commands, "stop">;
  moveFunction: FunctionMover;
  log: Log;
}

/** Of a drain whose own grace time was forgotten with the manager that began it. Milliseconds. */
const RESUMED_GRACE_MS = 30_000;

export function createDrains(dependencies: DrainsDependencies): Drains {
  const { state, attempts, broadcasts, commands, moveFunction, log } = dependencies;
  const timers = new Map<string, NodeJS.Timeout>();
  const stopListening = state.onTask((_task, before) => {
    if (timers.size === 0 || before === undefined) return;
    for (const id of holders(before)) endIfEmpty(id);
  });

  /** What stays until it is stopped has no end to wait for; one that is pinned would only wait elsewhere for nothing. */
  function moveResidents(proplet: Proplet, graceMs: number): void {
    for (const id of [...state.heldBy(proplet.id)]) {
      const task = state.tasks.get(id);
      if (task?.latent && task.function !== undefined && !task.pinned) void move(task, proplet, graceMs);
    }
    attempts.release(proplet, reasonFor(proplet), (task) => movesAtOnce(task));
  }

  async function move(task: Task, proplet: Proplet, graceMs: number): Promise<void> {
    try {
      await moveFunction(task, graceMs);
    } catch (error) {
      // The end of the grace time takes it from there all the same.
      log.warn(`function ${task.function} stays on proplet ${proplet.id} for now: ${messageOf(error)}`);
    }
  }

  function begin(proplet: Proplet, graceMs: number): void {
    cancel(proplet.id);
    timers.set(
      proplet.id,
      setTimeout(() => expire(proplet.id), graceMs),
    );
    moveResidents(proplet, graceMs);
    endIfEmpty(proplet.id);
  }

  function expire(id: string): void {
    const proplet = state.proplets.get(id);
    if (proplet !== undefined) {
      attempts.release(proplet, reasonFor(proplet));
      endParts(proplet);
    }
    endIfEmpty(id);
  }

  /** Its part of a broadcast can't run elsewhere. */
  function endParts(proplet: Proplet): void {
    for (const id of [...state.heldBy(proplet.id)]) {
      const task = state.tasks.get(id);
      if (task?.answers === undefined) continue;
      commands
        .stop(task, proplet)
        .catch((error: unknown) => log.warn(`stop of task ${id}: ${messageOf(error)}`));
      broadcasts.lose(task, proplet.id, reasonFor(proplet));
    }
  }

  function endIfEmpty(id: string): void {
    if (!timers.has(id) || state.heldBy(id).size > 0) return;
    cancel(id);
    const proplet = state.proplets.get(id);
    if (proplet === undefined) return;
    const { draining: _, ...drained } = proplet;
    state.putProplet(drained, { reason: "drained" }).catch(() => undefined);
    log.info(`proplet ${id} is drained`);
  }

  function cancel(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  return {
    async begin(id, graceMs) {
      const known = state.proplets.get(id);
      if (known === undefined) return;
      const proplet = { ...known, cordoned: true, draining: true };
      const saved = state.putProplet(proplet, { reason: "it is being drained" });
      begin(proplet, graceMs);
      await saved;
    },
    cancel,
    resume() {
      for (const proplet of state.proplets.values()) {
        if (proplet.draining) begin(proplet, RESUMED_GRACE_MS);
      }
    },
    close() {
      stopListening();
      for (const id of [...timers.keys()]) cancel(id);
    },
  };
}

/** A function moves by a second task that is ready before the first one goes. */
function movesAtOnce(task: Task): boolean {
  return !task.pinned && (task.daemon || (task.latent && task.function === undefined));
}

function reasonFor({ id }: Proplet): string {
  return `proplet ${id} is drained`;
}
