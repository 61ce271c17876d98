/** Which proplets live: by what they send, by their last will, by their silence. */
import type { Proplet } from "../model/proplet.ts";
import { hasFeature } from "../model/proplet.ts";
import { propletName } from "../model/proplet-name.ts";
import type { Discovery } from "../protocol/messages/discovery.ts";
import type { Heartbeat } from "../protocol/messages/heartbeat.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Log } from "./log.ts";
import type { State } from "./state.ts";

export interface Liveness {
  discovered(message: Discovery): void;
  heard(message: Heartbeat, retained: boolean): void;
  /** The broker is back: silence before this moment says nothing of a proplet. */
  reconnected(): void;
  close(): void;
}

export interface LivenessDependencies {
  state: State;
  dispatcher: Dispatcher;
  log: Log;
  now: () => Date;
  connected: () => boolean;
  /** A proplet that was silent for longer is taken for gone. Milliseconds. */
  offlineThresholdMs: number;
}

const HISTORY_KEPT = 100;
/** A heartbeat alone reaches the disk only this often. Milliseconds. */
const SAVE_EVERY_MS = 60_000;

export function createLiveness(dependencies: LivenessDependencies): Liveness {
  const { state, dispatcher, log, now, connected, offlineThresholdMs } = dependencies;
  const heardAt = new Map<string, number>();
  const savedAt = new Map<string, number>();
  let judgeFrom = now().getTime();
  const sweep = setInterval(judge, Math.max(100, Math.min(1_000, offlineThresholdMs / 4)));

  function judge(): void {
    const limit = now().getTime() - offlineThresholdMs;
    if (!connected() || judgeFrom > limit) return;
    for (const proplet of state.proplets.values()) {
      if ((heardAt.get(proplet.id) ?? judgeFrom) > limit) continue;
      const silent = `proplet ${proplet.id} was not heard for ${offlineThresholdMs / 1000} s`;
      if (proplet.alive || state.heldBy(proplet.id).size > 0) gone(proplet, silent);
    }
  }

  function gone(proplet: Proplet, reason: string): void {
    if (proplet.alive) {
      log.warn(reason);
      void state.putProplet({ ...proplet, alive: false }, { reason });
    }
    dispatcher.evacuate(proplet.id, reason);
  }

  function alive(id: string, fields: Partial<Proplet>): Proplet {
    const at = now();
    const known = state.proplets.get(id) ?? newProplet(id, at);
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

  /** A proplet that tells its boot and has a new one holds nothing of what it was given before. */
  function restarted(id: string, bootId: string | undefined): void {
    if (bootId === undefined) return;
    dispatcher.evacuate(id, `proplet ${id} restarted`, (task) => task.boot_id !== bootId);
  }

  return {
    discovered(message) {
      const { proplet_id: id, metadata = {}, features = [], namespace, capacity, boot_id } = message;
      const proplet = alive(id, {
        metadata,
        features,
        ...(namespace === undefined ? {} : { namespace }),
        ...(capacity === undefined ? {} : { capacity }),
        ...(boot_id === undefined ? {} : { boot_id }),
      });
      keep(proplet, true);
      restarted(id, boot_id);
      dispatcher.repeat(proplet);
      dispatcher.wake();
    },
    heard({ proplet_id: id, status, namespace, boot_id }, retained) {
      const known = state.proplets.get(id);
      if (status === "offline") {
        // A retained will may be older than the proplet's latest heartbeat, which wins.
        if (known !== undefined && !(retained && heardAt.has(id)))
          gone(known, `proplet ${id} said that it is gone`);
        return;
      }
      if (retained) return;
      const boot = boot_id === undefined ? {} : { boot_id };
      const alive_history = [...(known?.alive_history ?? []), now().toISOString()].slice(-HISTORY_KEPT);
      const proplet = alive(id, {
        alive_history,
        ...(namespace === undefined ? {} : { namespace }),
        ...boot,
      });
      keep(proplet, boot_id !== undefined && known?.boot_id !== boot_id);
      restarted(id, boot_id);
      if (known?.alive !== true) {
        if (hasFeature(proplet, "ack")) dispatcher.repeat(proplet);
        dispatcher.wake();
      }
    },
    reconnected() {
      judgeFrom = now().getTime();
      for (const [id, at] of heardAt) heardAt.set(id, Math.max(at, judgeFrom));
    },
    close: () => clearInterval(sweep),
  };
}

function newProplet(id: string, at: Date): Proplet {
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
