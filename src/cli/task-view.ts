/** A task for people: what they ask first stands first, and what goes without saying isn't there. */
import type { WireTask } from "../api/client.ts";
import { stateName } from "../model/task-state.ts";
import { renderFields } from "./fields.ts";

const usual: Readonly<Record<string, unknown>> = {
  kind: "standard",
  priority: 50,
  daemon: false,
  latent: false,
  encrypted: false,
};

export function renderTask(task: WireTask): string {
  const { id, name, state, waits, error, results, proplet_id, ...rest } = task;
  const others = Object.entries(rest).filter(([field, value]) => value !== usual[field] && !isEmpty(value));
  const first = { id, name, state: stateName(state), waits, error, results, proplet_id };
  return renderFields({ ...first, ...Object.fromEntries(others) });
}

function isEmpty(value: unknown): boolean {
  return value !== null && typeof value === "object" && Object.keys(value).length === 0;
}
