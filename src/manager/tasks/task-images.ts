/** Tasks whose module is in a registry: what their reference stands for is found out before they are placed. */
import { messageOf, PropError, traceOf } from "../../errors.ts";
import type { Task, TaskImage } from "../../model/task.ts";
import type { Log } from "../log.ts";
import type { State } from "../state/state.ts";
import { createTaskTimers } from "../task-timers.ts";

/** Where the modules of images come from. */
export interface ImageSource {
  /** What a reference stands for now. @throws PropError, of which `REGISTRY_UNREACHABLE` may go by itself */
  resolve(reference: string): Promise<Omit<TaskImage, "reference">>;
  /** The bytes of a module that was found before; `reference` is its pinned one. */
  bytes(digest: string, reference: string): Promise<Uint8Array>;
}

export interface TaskImages {
  /** Whether a queued task waits for its image, which is asked for from then on; it changes once that is found. */
  holds(task: Task): boolean;
  /** Why it waits. */
  waitsFor(taskId: string): string | undefined;
  close(): void;
}

export interface TaskImagesDependencies {
  state: State;
  images: ImageSource;
  /** Nothing runs but what `images` has checked: no module that was handed in, none from a plain URL. */
  onlyImages?: boolean;
  log: Log;
  /** The first pause before an unreachable registry is asked again, doubled each time. Milliseconds; 1,000 by default. */
  pauseMs?: number;
}

const UNSIGNED =
  "this manager runs signed images alone: push the module to a registry, sign it, and name it by its reference";
const MAX_PAUSE_MS = 60_000;

/** Tasks with the same reference ask once. */
interface Wanted {
  ids: Set<string>;
  failures: number;
  reason: string;
}

export function createTaskImages(dependencies: TaskImagesDependencies): TaskImages {
  const { state, images, log, pauseMs = 1_000, onlyImages = false } = dependencies;
  const wanted = new Map<string, Wanted>();
  const referenceFor = new Map<string, string>();
  const timers = createTaskTimers();
  let closed = false;

  const stopListening = state.onTask((task, before) => {
    if (before?.queued_at && !task.queued_at) release(task.id);
  });

  function release(id: string): void {
    const reference = referenceFor.get(id) ?? "";
    const entry = wanted.get(reference);
    referenceFor.delete(id);
    entry?.ids.delete(id);
    if (entry?.ids.size !== 0) return;
    wanted.delete(reference);
    timers.clear(reference);
  }

  async function ask(reference: string, entry: Wanted): Promise<void> {
    try {
      const image = await images.resolve(reference);
      if (!closed) each(entry, (task) => keep({ ...task, image: { reference, ...image } }));
    } catch (error) {
      if (closed) return;
      const mayGo = error instanceof PropError && error.code === "REGISTRY_UNREACHABLE";
      if (mayGo) waitMore(reference, entry, error.message);
      else refuse(entry, error);
    }
  }

  /** Those that wait now: some may have come, or left, while it was asked. */
  function each(entry: Wanted, work: (task: Task) => void): void {
    for (const id of [...entry.ids]) {
      const task = state.tasks.get(id);
      release(id);
      if (task?.queued_at) work(task);
    }
  }

  /** What is lost of this with the process is found out again. */
  function keep(task: Task): void {
    state.put(task, { lazy: true }).catch(() => {
      // The state has logged it, and the store tries again by itself.
    });
  }

  function refuse(entry: Wanted, error: unknown): void {
    if (!(error instanceof PropError)) log.error(traceOf(error));
    each(entry, (task) => {
      log.info(`task ${task.id} (${task.name}): ${messageOf(error)}`);
      state.apply(task, { type: "refuse", error: messageOf(error) });
    });
  }

  /** Not in the middle of what asked. */
  function refuseUnsigned({ id }: Task): void {
    queueMicrotask(() => {
      const task = state.tasks.get(id);
      if (!task?.queued_at || referenceOf(task) !== undefined) return;
      log.info(`task ${id} (${task.name}): ${UNSIGNED}`);
      state.apply(task, { type: "refuse", error: UNSIGNED });
    });
  }

  function waitMore(reference: string, entry: Wanted, reason: string): void {
    if (wanted.get(reference) !== entry) return;
    if (reason !== entry.reason) {
      log.warn(reason);
      for (const id of entry.ids) tell(id, reason);
    }
    entry.reason = reason;
    const pause = Math.min(MAX_PAUSE_MS, pauseMs * 2 ** entry.failures) * (0.5 + Math.random() / 2);
    entry.failures++;
    timers.set(reference, pause, () => void ask(reference, entry));
  }

  function tell(id: string, reason: string): void {
    const task = state.tasks.get(id);
    if (task !== undefined) state.put(task, { reason, lazy: true }).catch(() => {});
  }

  return {
    holds(task) {
      const reference = referenceOf(task);
      if (referenceFor.get(task.id) !== reference) release(task.id);
      if (onlyImages && reference === undefined) {
        refuseUnsigned(task);
        return true;
      }
      if (closed || reference === undefined || task.image?.reference === reference) return false;
      referenceFor.set(task.id, reference);
      const known = wanted.get(reference);
      if (known !== undefined) {
        const isNew = !known.ids.has(task.id);
        known.ids.add(task.id);
        if (isNew && known.reason !== "") queueMicrotask(() => tell(task.id, known.reason));
        return true;
      }
      const entry = { ids: new Set([task.id]), failures: 0, reason: "" };
      wanted.set(reference, entry);
      void ask(reference, entry);
      return true;
    },
    waitsFor(taskId) {
      const reference = referenceFor.get(taskId);
      if (reference === undefined) return undefined;
      return wanted.get(reference)?.reason || `image ${reference} is being fetched`;
    },
    close() {
      closed = true;
      stopListening();
      timers.close();
    },
  };
}

/** The reference of a task's image. A URL is the proplet's to fetch, an encrypted image its trusted environment's. */
function referenceOf({ module, image_url, encrypted }: Task): string | undefined {
  const isElsewhere = module !== undefined || encrypted || !image_url || /^https?:\/\//i.test(image_url);
  return isElsewhere ? undefined : image_url;
}
