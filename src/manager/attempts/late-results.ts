/** Results that came after their attempt was given up: they change no task, and stand in its history. */
import type { Results } from "../../protocol/messages/results.ts";
import type { AttemptRecord, Store } from "../../store/store.ts";
import type { State } from "../state/state.ts";

export interface LateResultsDependencies {
  state: Pick<State, "saved">;
  store: Store;
}

/** Resolves once it is on disk that the attempt ended after all. A legacy result doesn't say which attempt it is of. */
export async function recordLateResult(
  message: Results,
  { state, store }: LateResultsDependencies,
): Promise<void> {
  // The record of its loss may still be on its way to the disk.
  await state.saved();
  const { task_id, attempt, proplet_id } = message;
  if (attempt === undefined || message.handed_back) return;
  const record = (await store.attempts(task_id)).find((one) => one.attempt === attempt);
  if (record === undefined || !tellsMore(record, message)) return;
  if (proplet_id && record.proplet_id !== proplet_id) return;
  await store.commit([{ kind: "attempt", attempt: superseded(record, message) }]);
}

/** An attempt that was taken away, or stopped, ends with an error there: that is no news. */
function tellsMore({ outcome }: AttemptRecord, { error }: Results): boolean {
  return outcome === "lost" || (!error && (outcome === "released" || outcome === "interrupted"));
}

function superseded(record: AttemptRecord, { error }: Results): AttemptRecord {
  const how = error ? `it ended later: ${error}` : "it completed later";
  const reason = record.reason === undefined ? how : `${record.reason}; ${how}`;
  return { ...record, outcome: "superseded", reason };
}
