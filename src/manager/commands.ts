/** What the manager sends to a proplet: in the contract's words, with our extensions only for those that announced them. */
import { hasFeature, type Proplet } from "../model/proplet.ts";
import { knownModule, type Task } from "../model/task.ts";
import { TaskState } from "../model/task-state.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { encode } from "../protocol/message.ts";
import type { Invoke } from "../protocol/messages/invoke.ts";
import type { Start } from "../protocol/messages/start.ts";
import type { Command, Topics } from "../protocol/topics.ts";
import type { Store } from "../store/store.ts";
import type { Transport } from "../transport/transport.ts";

export interface Commands {
  start(task: Task, proplet: Proplet): Promise<void>;
  stop(task: Pick<Task, "id" | "attempt">, proplet: Proplet): Promise<void>;
  /** One start, or one stop, that every legacy proplet takes for its own. */
  startAll(task: Task): Promise<void>;
  stopAll(task: Pick<Task, "id">): Promise<void>;
  invoke(proplet: Proplet, invoke: Invoke): Promise<void>;
  /** A result is on disk; only for proplets that keep results until then. */
  received(propletId: string, taskId: string, attempt: number): void;
  /** Asks one of ours to introduce itself, and to say what it holds. */
  announce(propletId: string): void;
}

export interface CommandsDependencies {
  transport: Transport;
  topics: Topics;
  store: Store;
}

/** Modules in base64 for legacy starts, which carry the whole of it each time. */
const INLINE_KEPT_BYTES = 64 * 1_048_576;

export function createCommands({ transport, topics, store }: CommandsDependencies): Commands {
  const inline = createInlineModules(store);
  const send = (command: Command, proplet: Proplet, message: object) => {
    const direct = hasFeature(proplet, "direct") ? proplet.id : undefined;
    return transport.publish(topics.of(command, direct), encode(message));
  };

  return {
    async start(task, proplet) {
      const module = task.module;
      const parents = task.depends_on?.length ? await parentResults(task, store) : {};
      if (module !== undefined && !hasFeature(proplet, "digest")) {
        const file = await inline(module.digest);
        return send("start", proplet, { ...startMessage(task, proplet, { file }), ...parents });
      }
      const known = hasFeature(proplet, "digest") ? knownModule(task) : undefined;
      const byDigest = known === undefined ? {} : { digest: known.digest, size: known.sizeBytes };
      return send("start", proplet, { ...startMessage(task, proplet, byDigest), ...parents });
    },
    async startAll(task) {
      const { module } = task;
      const file = module === undefined ? {} : { file: await inline(module.digest) };
      const parents = task.depends_on?.length ? await parentResults(task, store) : {};
      const message = { ...startMessage(task, undefined, file), ...parents };
      await transport.publish(topics.of("start"), encode(message));
    },
    stopAll: ({ id }) => transport.publish(topics.of("stop"), encode({ id, broadcast: true })),
    stop(task, proplet) {
      const attempt = hasFeature(proplet, "ack") ? { attempt: task.attempt } : {};
      return send("stop", proplet, { id: task.id, broadcast: false, proplet_id: proplet.id, ...attempt });
    },
    invoke: (proplet, invoke) => send("invoke", proplet, invoke),
    received(propletId, taskId, attempt) {
      void transport
        .publish(topics.of("received", propletId), encode({ task_id: taskId, attempt }))
        .catch(() => {
          // The proplet sends its result again until it hears this.
        });
    },
    announce(propletId) {
      void transport
        .publish(topics.of("announce", propletId), encode({ proplet_id: propletId }))
        .catch(() => {
          // It is asked again at its next heartbeat.
        });
    },
  };
}

/** The contract has `cli_args` in every start, null where there are none. */
type SentStart = Omit<Start, "cli_args"> & { cli_args: string[] | null };

/** What those it depends on came to, where they ended well. */
async function parentResults(
  { depends_on = [] }: Task,
  store: Store,
): Promise<Pick<Start, "parent_results">> {
  const parents = await Promise.all(depends_on.map((id) => store.task(id)));
  const results = parents.flatMap((parent) =>
    parent?.state === TaskState.Completed && parent.results !== undefined
      ? [[parent.id, parent.results]]
      : [],
  );
  return { parent_results: Object.fromEntries(results) };
}

/** Without a proplet it is for all. */
function startMessage(
  task: Task,
  proplet: Proplet | undefined,
  module: { file?: string; digest?: string; size?: number },
): SentStart {
  const ours = proplet !== undefined && hasFeature(proplet, "ack");
  return {
    id: task.id,
    name: ours ? task.name : exportName(task),
    state: 0,
    ...(task.image_url === undefined ? {} : { image_url: task.image_url }),
    ...module,
    ...(task.inputs === undefined ? {} : { inputs: task.inputs }),
    cli_args: task.cli_args ?? null,
    broadcast: proplet === undefined,
    daemon: task.daemon,
    latent: task.latent,
    ...(task.env === undefined ? {} : { env: task.env }),
    encrypted: task.encrypted,
    ...(task.kbs_resource_path === undefined ? {} : { kbs_resource_path: task.kbs_resource_path }),
    ...(task.monitoring_profile === undefined ? {} : { monitoring_profile: task.monitoring_profile }),
    ...(task.hal_storage_path === undefined ? {} : { hal_storage_path: task.hal_storage_path }),
    ...(proplet === undefined ? {} : { proplet_id: proplet.id }),
    ...(ours ? { attempt: task.attempt } : {}),
    ...(ours && task.limits !== undefined ? { limits: task.limits } : {}),
  };
}

/** Legacy proplets take the export from `name` alone. */
function exportName(task: Task): string {
  const [flag, name] = task.cli_args ?? [];
  return flag === "--invoke" && name !== undefined ? name : task.name;
}

function createInlineModules(store: Store): (digest: string) => Promise<string> {
  const kept = new Map<string, string>();
  let bytes = 0;
  return async (digest) => {
    const known = kept.get(digest);
    if (known !== undefined) return known;
    const module = await store.module(digest);
    if (module === undefined) throw new Error(`module ${digest} is not in the store`);
    const readMeanwhile = kept.get(digest);
    if (readMeanwhile !== undefined) return readMeanwhile;
    const file = encodeBase64(module);
    kept.set(digest, file);
    bytes += file.length;
    for (const [oldest, text] of kept) {
      if (bytes <= INLINE_KEPT_BYTES || oldest === digest) break;
      kept.delete(oldest);
      bytes -= text.length;
    }
    return file;
  };
}
