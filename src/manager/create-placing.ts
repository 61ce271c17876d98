/** What brings a task to a proplet and holds on to it there: dispatching, attempts, broadcasts, liveness. */
import type { Policy } from "../model/placement.ts";
import { type Attempts, createAttempts } from "./attempts/attempts.ts";
import { type Broadcasts, createBroadcasts } from "./attempts/broadcasts.ts";
import { joinAttempts, joinDispatcher, refusal } from "./attempts/join-broadcasts.ts";
import type { Core } from "./core.ts";
import { createDispatcher, type Dispatcher } from "./placement/dispatcher.ts";
import { createLiveness, type Liveness } from "./proplets/liveness.ts";
import { createTaskImages, type ImageSource, type TaskImages } from "./tasks/task-images.ts";

export interface PlacingOptions {
  /** A proplet silent for longer is taken for gone. Milliseconds; 25,000 by default: two heartbeats and a half. */
  offlineThresholdMs?: number;
  /** How long a proplet may take to accept a start. Milliseconds; 10,000 by default. */
  acceptTimeoutMs?: number;
  /** How many attempts may be lost with their proplets before a task fails. 5 by default. */
  maxAttempts?: number;
  /** Which of the proplets that fit gets a task that doesn't say; `hybrid` by default. */
  schedulerPolicy?: Policy;
  /** Brings the modules of images in registries. Without it that is left to a proxy on the channel. */
  images?: ImageSource;
  /** See `TaskImagesDependencies`. */
  onlyImages?: boolean;
}

export interface Placing {
  /** Where the manager brings images itself. */
  taskImages: TaskImages | undefined;
  broadcasts: Broadcasts;
  attempts: Attempts;
  dispatcher: Dispatcher;
  liveness: Liveness;
}

export function createPlacing(core: Core, options: PlacingOptions): Placing {
  const { offlineThresholdMs = 25_000, acceptTimeoutMs = 10_000, maxAttempts = 5 } = options;
  const { state, commands } = core;
  const taskImages =
    options.images &&
    createTaskImages({ ...core, images: options.images, onlyImages: options.onlyImages ?? false });
  const images = taskImages === undefined ? {} : { images: taskImages };
  const broadcasts = createBroadcasts({ ...core, acceptTimeoutMs, refusal, ...images });
  const alone = createAttempts({ ...core, maxAttempts, acceptTimeoutMs });
  const attempts = joinAttempts(alone, { state, broadcasts, commands });
  const policy = options.schedulerPolicy ?? "hybrid";
  const dispatcher = joinDispatcher(createDispatcher({ ...core, attempts, policy, ...images }), broadcasts);
  const liveness = createLiveness({ ...core, attempts, dispatcher, offlineThresholdMs });
  return { taskImages, broadcasts, attempts, dispatcher, liveness };
}
