/** What an operator says of a proplet: kept with it, and known before it is heard for the first time. */
import type { Declaration, Proplet } from "../../model/proplet.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";
import { newProplet } from "./liveness.ts";

export interface DeclareDependencies {
  state: State;
  dispatcher: Pick<Dispatcher, "wake">;
  now: () => Date;
}

/** `Proplets.declare`: replaces what was said of it before. A task that waits for such a proplet may be placed now. */
export function createDeclare({ state, dispatcher, now }: DeclareDependencies) {
  return async (id: string, declared: Declaration): Promise<Proplet> => {
    const known = state.proplets.get(id) ?? newProplet(id, now());
    const proplet = { ...known, declared };
    await state.putProplet(proplet);
    dispatcher.wake();
    return state.proplets.get(id) ?? proplet;
  };
}
