/** Answers to broadcasts: those to a large one are gathered, since each change of it costs as much as it has proplets. */
import { awaits } from "../../model/broadcast.ts";
import type { Answer, Task } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import type { State } from "../state/state.ts";

export interface Answers {
  /** What one proplet answered; the first answer of each counts. Resolves once it is on disk. */
  add(task: Task, propletId: string, answer: Answer, attempt?: number): Promise<void>;
  /** Writes what is gathered. */
  close(): void;
}

interface Gathering {
  attempt: number;
  /** How many proplets it went to. */
  proplets: number;
  answers: Map<string, Answer>;
  timer: NodeJS.Timeout | undefined;
  saved: PromiseWithResolvers<void>;
}

/** To fewer proplets each answer is told at once. */
const GATHERED_FROM = 100;
/** An answer waits a millisecond for each so many proplets, and this long at most. */
const PROPLETS_PER_MS = 100;
const LONGEST_MS = 100;

export function createAnswers(state: State): Answers {
  const gatherings = new Map<string, Gathering>();
  const stopListening = state.onTask((task) => {
    if (task.answers !== undefined && !isActive(task.state)) gatherings.delete(task.id);
  });

  function gatheringOf(task: Task): Gathering {
    const known = gatherings.get(task.id);
    if (known?.attempt === task.attempt) return known;
    const gathering: Gathering = {
      attempt: task.attempt,
      proplets: Object.keys(task.answers ?? {}).length,
      answers: new Map(),
      timer: undefined,
      saved: Promise.withResolvers(),
    };
    gatherings.set(task.id, gathering);
    return gathering;
  }

  function tell(id: string, gathering: Gathering): void {
    const { attempt, answers, saved } = gathering;
    clearTimeout(gathering.timer);
    Object.assign(gathering, { answers: new Map(), timer: undefined, saved: Promise.withResolvers() });
    const task = state.tasks.get(id);
    const applied = task && state.apply(task, { type: "answers", attempt, answers });
    saved.resolve(applied?.saved ?? state.saved());
  }

  return {
    add({ id }, propletId, answer, attempt) {
      const task = state.tasks.get(id);
      const isMeant = task !== undefined && (attempt ?? task.attempt) === task.attempt;
      if (!isMeant || !isActive(task.state) || !awaits(task, propletId)) return state.saved();
      const gathering = gatheringOf(task);
      const { answers, saved, proplets } = gathering;
      if (!answers.has(propletId)) answers.set(propletId, answer);
      if (proplets < GATHERED_FROM) tell(id, gathering);
      else
        gathering.timer ??= setTimeout(tell, Math.min(LONGEST_MS, proplets / PROPLETS_PER_MS), id, gathering);
      return saved.promise;
    },
    close() {
      for (const [id, gathering] of [...gatherings]) if (gathering.timer !== undefined) tell(id, gathering);
      stopListening();
    },
  };
}
