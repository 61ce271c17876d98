/** Which proplets live: by what they send, by their last will, by their silence. */
import type { Loss } from "../../model/loss.ts";
import type { Proplet } from "../../model/proplet.ts";
import { hasFeature } from "../../model/proplet.ts";
import { propletName } from "../../model/proplet-name.ts";
import { TaskState } from "../../model/task-state.ts";
import type { Discovery } from "../../protocol/messages/discovery.ts";
import type { Heartbeat } from "../../protocol/messages/heartbeat.ts";
import type { Attempts } from "../attempts/attempts.ts";
import type { Commands } from "../commands.ts";
import type { Log } from "../log.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";

export interface Liveness {
  discovered(message: Discovery): void;
  heard(message: Heartbeat, retained: boolean): void;
  /** The broker is back: silence before this moment says nothing of a proplet. */
  reconnected(): void;
  close(): void;
}

export interface LivenessDependencies {
  state: State;
  attempts: Attempts;
  commands: Pick<Commands, "announce">;
  dispatcher: Dispatcher;
  log: Log;
  now: () => Date;
  connected: () => boolean;
  /** A proplet that was silent for longer is taken for gone. Milliseconds. */
  offlineThresholdMs: number;
}

const HISTORY_KEPT = 100;
/** A heartbeat alone reaches the disk only this often, and when the manager ends: each carries the whole history. Milliseconds. */
const SAVE_EVERY_MS = 900_000;

export function createLiveness(dependencies: LivenessDependencies): Liveness {
  const { state, attempts, commands, dispatcher, log, now, connected, offlineThresholdMs } = dependencies;
  const heardAt = new Map<string, number>();
  const savedAt = new Map<string, number>();
  /** Those that introduced themselves since they, and the broker, were last away: what they hold is known. */
  const introduced = new Set<string>();
  let judgeFrom = now().getTime();
  let judgedAt = judgeFrom;
  const sweepMs = Math.max(100, Math.min(1_000, offlineThresholdMs / 4));
  const sweep = setInterval(judge, sweepMs);

  for (const proplet of state.proplets.values()) {
    if (proplet.alive) state.touchProplet({ ...proplet, unheard: true });
  }

  function judge(): void {
    forgetDeleted();
    const at = now().getTime();
    // This process slept, or was too busy to hear anyone; or its clock was set back.
    if (at < judgedAt || at - judgedAt > sweepMs + offlineThresholdMs / 2) hearAnew();
    judgedAt = at;
    const limit = at - offlineThresholdMs;
    if (!connected() || judgeFrom > limit) return;
    for (const proplet of state.proplets.values()) {
      if ((heardAt.get(proplet.id) ?? judgeFrom) > limit) continue;
      const reason = `proplet ${proplet.id} was not heard for ${offlineThresholdMs / 1000} s`;
      if (proplet.alive || state.heldBy(proplet.id).size > 0) gone(proplet, { cause: "silent", reason });
    }
  }

  /** Silence before this moment says nothing of a proplet. */
  function hearAnew(): void {
    judgeFrom = now().getTime();
    for (const id of heardAt.keys()) heardAt.set(id, judgeFrom);
  }

  function forgetDeleted(): void {
    for (const id of heardAt.keys()) {
      if (state.proplets.has(id)) continue;
      heardAt.delete(id);
      savedAt.delete(id);
      introduced.delete(id);
    }
  }

  function gone(proplet: Proplet, loss: Loss): void {
    introduced.delete(proplet.id);
    const { leaving: _, ...left } = proplet;
    if (proplet.alive) putProplet({ ...left, alive: false }, loss.reason);
    attempts.evacuate(proplet.id, loss);
  }

  /** A retained will may be older than its proplet: it gets no new tasks, and keeps those it has until it is silent too long. */
  function doubt(proplet: Proplet): void {
    if (proplet.alive) putProplet({ ...proplet, alive: false }, `proplet ${proplet.id} left a retained will`);
  }

  function alive(id: string, fields: Partial<Proplet>): Proplet {
    const at = now();
    const { unheard: _, ...known } = state.proplets.get(id) ?? newProplet(id, at);
    const proplet: Proplet = { ...known, ...fields, alive: true, last_alive_at: at.toISOString() };
    heardAt.set(id, at.getTime());
    return proplet;
  }

  function keep(proplet: Proplet, changed: boolean): void {
    const at = now().getTime();
    const wasAlive = state.proplets.get(proplet.id)?.alive === true;
    if (changed || !wasAlive || at - (savedAt.get(proplet.id) ?? 0) >= SAVE_EVERY_MS) {
      savedAt.set(proplet.id, at);
      void state.putProplet(proplet, wasAlive ? undefined : {});
    } else {
      state.touchProplet(proplet);
    }
    if (!wasAlive) log.info(`proplet ${proplet.id} is alive`);
  }

  function putProplet(proplet: Proplet, reason: string): void {
    log.warn(reason);
    void state.putProplet(proplet, { reason });
  }

  /** A proplet that tells its boot and has a new one holds nothing of what it was given before. */
  function restarted(id: string, bootId: string | undefined): void {
    if (bootId === undefined) return;
    const loss: Loss = { cause: "restarted", reason: `proplet ${id} restarted` };
    attempts.evacuate(id, loss, (task) => task.boot_id !== bootId);
  }

  /** A proplet that was on its way out and is back with a new boot stays. */
  function leftBehind(id: string, bootId: string | undefined): void {
    const known = state.proplets.get(id);
    if (known?.leaving !== true || known.boot_id === bootId) return;
    const { leaving: _, ...stays } = known;
    state.touchProplet(stays);
  }

  /** What it has not taken over yet goes elsewhere at once; the rest it finishes, or hands back by itself. */
  function leaves(proplet: Proplet): void {
    log.info(`proplet ${proplet.id} is on its way out`);
    attempts.release(
      proplet,
      `proplet ${proplet.id} is shutting down`,
      (task) => task.state === TaskState.Scheduled,
    );
  }

  /** One of ours that this manager knows nothing of, or not what it holds: its introduction was missed, or is old. */
  function asksToIntroduce(known: Proplet | undefined, id: string, bootId: string | undefined): boolean {
    if (bootId === undefined || (known !== undefined && introduced.has(id))) return false;
    commands.announce(id);
    return known === undefined || known.features.length === 0;
  }

  return {
    discovered(message) {
      const { proplet_id: id, metadata = {}, features = [], namespace, capacity, boot_id, held } = message;
      introduced.add(id);
      leftBehind(id, boot_id);
      const proplet = alive(id, {
        metadata,
        features,
        ...(namespace === undefined ? {} : { namespace }),
        ...(capacity === undefined ? {} : { capacity }),
        ...(boot_id === undefined ? {} : { boot_id }),
      });
      keep(proplet, true);
      restarted(id, boot_id);
      attempts.repeat(proplet);
      if (held !== undefined) attempts.reconcile(proplet, held);
      dispatcher.wake();
    },
    heard({ proplet_id: id, status, namespace, boot_id, draining = false }, retained) {
      const known = state.proplets.get(id);
      if (status === "offline") {
        if (known === undefined) return;
        const reason = `proplet ${id} said that it is gone`;
        if (!retained) gone(known, { cause: "gone", reason });
        else if (!heardAt.has(id)) doubt(known);
        return;
      }
      if (retained || asksToIntroduce(known, id, boot_id)) return;
      leftBehind(id, boot_id);
      const isFirst = !heardAt.has(id);
      const boot = boot_id === undefined ? {} : { boot_id };
      const alive_history = [...(known?.alive_history ?? []), now().toISOString()].slice(-HISTORY_KEPT);
      const proplet = alive(id, {
        alive_history,
        ...(namespace === undefined ? {} : { namespace }),
        ...(draining ? { leaving: true } : {}),
        ...boot,
      });
      const startsToLeave = draining && known?.leaving !== true;
      keep(proplet, startsToLeave || (boot_id !== undefined && known?.boot_id !== boot_id));
      restarted(id, boot_id);
      if (startsToLeave) leaves(proplet);
      // What it was sent, or answered, while this manager was away may never have arrived.
      if (isFirst || (known?.alive !== true && hasFeature(proplet, "ack"))) attempts.repeat(proplet);
      if (known?.alive !== true) dispatcher.wake();
    },
    reconnected() {
      introduced.clear();
      hearAnew();
    },
    close() {
      clearInterval(sweep);
      for (const [id, at] of heardAt) {
        const proplet = state.proplets.get(id);
        if (proplet !== undefined && at > (savedAt.get(id) ?? 0)) void state.putProplet(proplet);
      }
    },
  };
}

export function newProplet(id: string, at: Date): Proplet {
  return {
    id,
    name: propletName(id),
    metadata: {},
    features: [],
    alive: false,
    alive_history: [],
    created_at: at.toISOString(),
  };
}
