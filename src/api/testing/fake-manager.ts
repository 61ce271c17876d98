/** A manager that lives in memory and runs nothing: for tests of what the API makes of it. */
import { randomUUID } from "node:crypto";
import { PropError } from "../../errors.ts";
import type { AttemptRecord, InvokeRequest, Listed, Manager, Page } from "../../manager/manager.ts";
import { createTokens } from "../../manager/tokens.ts";
import type { RecordedEvent } from "../../model/event.ts";
import type { FunctionRecord } from "../../model/function.ts";
import type { Proplet } from "../../model/proplet.ts";
import type { Task, TaskInput } from "../../model/task.ts";
import { isActive } from "../../model/task-state.ts";
import { idleTask } from "../../model/testing/task.ts";
import { fakeJobs, fakeWorkflows } from "./fake-groups.ts";
import { fakeManifests } from "./fake-manifests.ts";

export const NOW = "2026-01-02T03:04:05Z";

export interface FakeManager extends Manager {
  /** What was asked of it, in order. */
  readonly calls: { name: string; args: unknown[] }[];
  readonly stored: {
    tasks: Map<string, Task>;
    proplets: Map<string, Proplet>;
    functions: Map<string, FunctionRecord>;
    attempts: Map<string, AttemptRecord[]>;
  };
  /** Every invocation ends so; or says that it began and does not end. */
  invocation: { results: string } | { error: Error } | { never: () => void };
  connected: boolean;
  /** How many follow the events now. */
  followers(): number;
  emit(recorded: RecordedEvent): void;
  /** Events before this one are forgotten. */
  oldestEvent: number;
}

export function fakeTask(fields: Partial<Task> = {}): Task {
  return idleTask({ id: randomUUID(), created_at: NOW, ...fields });
}

export function fakeProplet(fields: Partial<Proplet> = {}): Proplet {
  return {
    id: "edge-1",
    name: "Quiet-Heron",
    metadata: { os: "linux" },
    features: [],
    alive: true,
    last_alive_at: NOW,
    alive_history: [NOW],
    created_at: NOW,
    ...fields,
  };
}

export function fakeManager(): FakeManager {
  const tasks = new Map<string, Task>();
  const proplets = new Map<string, Proplet>();
  const functions = new Map<string, FunctionRecord>();
  const attempts = new Map<string, AttemptRecord[]>();
  const calls: FakeManager["calls"] = [];
  const listeners = new Set<(recorded: RecordedEvent) => void>();
  const log: RecordedEvent[] = [];
  const called = (name: string, ...args: unknown[]) => calls.push({ name, args });
  const held = (id: string) =>
    [...tasks.values()].filter((t) => t.proplet_id === id && isActive(t.state)).length;
  const invoke = async (name: string, key: string, request: InvokeRequest) => {
    called(name, key, request);
    if ("error" in fake.invocation) throw fake.invocation.error;
    if ("never" in fake.invocation) {
      fake.invocation.never();
      return new Promise<never>(() => undefined);
    }
    return fake.invocation.results;
  };

  const fake: FakeManager = {
    calls,
    stored: { tasks, proplets, functions, attempts },
    invocation: { results: "11" },
    oldestEvent: 0,
    instanceId: "11111111-1111-4111-8111-111111111111",
    connected: true,
    storeFailure: () => undefined,
    followers: () => listeners.size,
    emit(recorded) {
      log.push(recorded);
      for (const listener of listeners) listener(recorded);
    },
    tasks: {
      async create(input, options = {}) {
        called("create", input, options);
        const task = fakeTask(described(input));
        tasks.set(task.id, task);
        return task;
      },
      get: async (id) => found(tasks, id, "task"),
      async list({ metadata, ...page }) {
        called("list", { metadata, ...page });
        return paged([...tasks.values()].reverse(), page);
      },
      async update(id, input) {
        const task = { ...found(tasks, id, "task"), ...described(input), updated_at: NOW };
        tasks.set(id, task);
        return task;
      },
      async delete(id) {
        found(tasks, id, "task");
        tasks.delete(id);
      },
      waitsFor: (id) => (tasks.get(id)?.queued_at === undefined ? undefined : "no proplet is alive"),
      async explain(id) {
        const task = found(tasks, id, "task");
        const judged = [...proplets.values()].map(({ id: propletId, name, alive }) => ({
          id: propletId,
          name,
          holds: propletId === task.proplet_id && isActive(task.state),
          fits: alive,
          reasons: [alive ? "0 of 4 slots taken" : "is not alive"],
        }));
        return { task, policy: "hybrid", proplets: judged };
      },
      async attempts(id) {
        found(tasks, id, "task");
        return [...(attempts.get(id) ?? [])];
      },
      async upload(id, module) {
        called("upload", id, module.byteLength);
        if (module[0] !== 0) {
          throw new PropError({ code: "MODULE_INVALID", message: "invalid WASM file: missing magic bytes" });
        }
        return found(tasks, id, "task");
      },
      async start(id) {
        const task = found(tasks, id, "task");
        if (isActive(task.state)) {
          throw new PropError({
            code: "TASK_ACTIVE",
            message: `task ${id} is Running`,
            hint: "stop it first",
          });
        }
        return task;
      },
      stop: async (id) => found(tasks, id, "task"),
      invoke: (id, request) => invoke("invoke", id, request),
      async metrics(id, page) {
        found(tasks, id, "task");
        return paged([{ task_id: id, metrics: { cpu_percent: 1.5 }, timestamp: NOW }], page);
      },
    },
    proplets: {
      get: async (id) => found(proplets, id, "proplet"),
      async list({ alive, ...page }) {
        return paged(
          [...proplets.values()].filter((p) => alive === undefined || p.alive === alive),
          page,
        );
      },
      async delete(id) {
        found(proplets, id, "proplet");
        if (held(id) > 0) {
          throw new PropError({
            code: "PROPLET_BUSY",
            message: `proplet ${id} has ${held(id)} active tasks`,
          });
        }
        proplets.delete(id);
      },
      taskCount: held,
      async declare(id, declared) {
        called("declare", id, declared);
        const proplet = { ...(proplets.get(id) ?? fakeProplet({ id, alive: false })), declared };
        proplets.set(id, proplet);
        return proplet;
      },
      async cordon(id) {
        const proplet = { ...found(proplets, id, "proplet"), cordoned: true };
        proplets.set(id, proplet);
        return proplet;
      },
      async uncordon(id) {
        const { cordoned: _, draining, ...proplet } = found(proplets, id, "proplet");
        proplets.set(id, proplet);
        return proplet;
      },
      async drain(id, options) {
        called("drain", id, options);
        const proplet = { ...found(proplets, id, "proplet"), cordoned: true, draining: true };
        proplets.set(id, proplet);
        return proplet;
      },
      async metrics(id, page) {
        found(proplets, id, "proplet");
        return paged([{ proplet_id: id, timestamp: { secs_since_epoch: 1, nanos_since_epoch: 5e8 } }], page);
      },
    },
    functions: {
      async deploy(name, input) {
        called("deploy", name, input);
        const revision = (functions.get(name)?.revision ?? 0) + 1;
        const record = { name, revision, task_id: randomUUID(), created_at: NOW, updated_at: NOW };
        functions.set(name, record);
        return record;
      },
      get: async (name) => found(functions, name, "function"),
      list: async () => [...functions.values()],
      async delete(name) {
        found(functions, name, "function");
        functions.delete(name);
      },
      invoke: (name, request) => invoke("invokeFunction", name, request),
    },
    jobs: fakeJobs(called, fakeTask),
    workflows: fakeWorkflows(called, fakeTask),
    manifests: fakeManifests(called),
    tokens: createTokens({ records: [], store: { commit: async () => undefined }, now: () => new Date() }),
    events: {
      follow(afterId, listener) {
        called("follow", afterId);
        const after = afterId === undefined ? Number.POSITIVE_INFINITY : Number(afterId);
        for (const recorded of log) {
          if (Number(recorded.id) > after && Number(recorded.id) >= fake.oldestEvent) listener(recorded);
        }
        listeners.add(listener);
        const missed = after + 1 < fake.oldestEvent;
        return { missed, stop: () => listeners.delete(listener) };
      },
    },
    federated: {
      checkCoordinator: () => undefined,
      async forward(request) {
        called("forward", request);
        return { status: 200, contentType: "application/json", body: Buffer.from("{}") };
      },
      async configure(body) {
        called("configure", body);
        return { status: 200, contentType: "application/json", body: Buffer.from("{}") };
      },
    },
    metrics: async () => "# TYPE fake gauge\nfake 1\n",
    close: async () => undefined,
  };
  return fake;
}

function described({ name, inputs, cli_args }: TaskInput): Partial<Task> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(inputs === undefined ? {} : { inputs: inputs.map(String) }),
    ...(cli_args === undefined ? {} : { cli_args }),
  };
}

function found<T>(map: Map<string, T>, key: string, what: string): T {
  const value = map.get(key);
  if (value !== undefined) return value;
  throw new PropError({ code: `${what.toUpperCase()}_NOT_FOUND`, message: `there is no ${what} ${key}` });
}

function paged<T>(all: T[], { offset, limit }: Page): Listed<T> {
  return { total: all.length, items: all.slice(offset, offset + limit) };
}
