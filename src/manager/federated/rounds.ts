/** Rounds of federated learning: a task at each participant, and what it learnt to the coordinator. */
import { messageOf } from "../../errors.ts";
import { hasFeature } from "../../model/proplet.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, TaskState } from "../../model/task-state.ts";
import type { RoundStart } from "../../protocol/messages/round-start.ts";
import type { Transport } from "../../transport/transport.ts";
import type { Log } from "../log.ts";
import type { Tasks } from "../manager.ts";
import type { State } from "../state/state.ts";
import type { Coordinator } from "./coordinator.ts";

export interface Rounds {
  /** Starts a round at each of its participants that is alive; at one that still works on it nothing happens. */
  start(round: RoundStart): Promise<void>;
  close(): void;
}

export interface RoundsDependencies {
  state: State;
  tasks: Pick<Tasks, "create">;
  coordinator: Coordinator;
  transport: Transport;
  log: Log;
}

export function createRounds(dependencies: RoundsDependencies): Rounds {
  const { state, tasks, coordinator, transport, log } = dependencies;

  async function startAt(propletId: string, round: RoundStart): Promise<void> {
    const { round_id, model_uri, task_wasm_image, hyperparams } = round;
    await tasks.create(
      {
        name: nameOf(round, propletId),
        kind: "standard",
        mode: "train",
        image_url: task_wasm_image,
        proplet_id: propletId,
        env: {
          ROUND_ID: round_id,
          MODEL_URI: model_uri,
          ...(hyperparams === undefined ? {} : { HYPERPARAMS: JSON.stringify(hyperparams) }),
        },
      },
      { start: true },
    );
  }

  /** Proplets of existing installations send their updates themselves. */
  function tellsItself(task: Task): boolean {
    const proplet = state.proplets.get(task.proplet_id ?? "");
    return proplet === undefined || !hasFeature(proplet, "ack");
  }

  /** Over HTTP, and where that fails over MQTT, as those proplets do. */
  async function sendUpdate(roundId: string, { proplet_id = "", results }: Task): Promise<void> {
    const update = updateOf(results);
    if (update === undefined) return log.warn(`round ${roundId}: ${proplet_id} answered no JSON object`);
    try {
      await coordinator.sendUpdate(update);
    } catch (error) {
      log.warn(`round ${roundId}: the update of ${proplet_id} goes over MQTT: ${messageOf(error)}`);
      await transport.publish(`fl/rounds/${topicLevel(roundId)}/updates/${topicLevel(proplet_id)}`, update);
    }
  }

  const stopListening = state.onTask((task, before) => {
    const roundId = task.mode === "train" ? task.env?.ROUND_ID : undefined;
    if (roundId === undefined || task.state !== TaskState.Completed) return;
    if (before === undefined || isEnded(before.state) || tellsItself(task)) return;
    sendUpdate(roundId, task).catch((error: unknown) => {
      log.error(`round ${roundId}: the update of ${task.proplet_id} is lost: ${messageOf(error)}`);
    });
  });

  return {
    async start(round) {
      const underWay = new Set<string>();
      for (const task of state.tasks.values()) if (!isEnded(task.state)) underWay.add(task.name);
      for (const id of new Set(round.participants)) {
        const why = !state.proplets.get(id)?.alive
          ? "it is not alive"
          : underWay.has(nameOf(round, id))
            ? "it works on it already"
            : undefined;
        if (why === undefined) await startAt(id, round);
        else log.warn(`round ${round.round_id} leaves out proplet ${id}: ${why}`);
      }
    },
    close: stopListening,
  };
}

function nameOf({ round_id }: RoundStart, propletId: string): string {
  return `fl-round-${round_id}-${propletId}`;
}

/** What a module learnt, as it wrote it: a JSON object. */
function updateOf(results: unknown): string | undefined {
  const text = typeof results === "string" ? results : JSON.stringify(results ?? null);
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? text : undefined;
  } catch {
    return undefined;
  }
}

function topicLevel(id: string): string {
  return id.replaceAll(/[/+#\0]/g, "-");
}
