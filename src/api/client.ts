/** The typed client of a manager's HTTP API: what all commands use. */
import type { InvokeRequest, Page } from "../manager/manager.ts";
import type { TaskInput } from "../model/task.ts";
import type { Scope } from "../model/token.ts";
import { type FollowedEvent, type FollowOptions, followEvents } from "./client-events.ts";
import { jobsClient, workflowsClient } from "./client-groups.ts";
import { manifestsClient } from "./client-manifests.ts";
import { type Call, type Connection, requestJson } from "./client-request.ts";
import type {
  AttemptPage,
  CreatedToken,
  FunctionList,
  HistoryPage,
  Invoked,
  PropletMetricsPage,
  PropletPage,
  TaskMetricsPage,
  TaskPage,
  TokenList,
  WireExplanation,
  WireFunction,
  WireHealth,
  WireProplet,
  WireTask,
  WireToken,
} from "./wire.ts";

export type { FollowedEvent, FollowOptions } from "./client-events.ts";
export type * from "./wire.ts";
export type * from "./wire-groups.ts";
export type * from "./wire-manifests.ts";

export interface ClientOptions {
  /** Of the manager: `http://localhost:7070`. */
  url: string;
  /** Sent as a bearer token. */
  token?: string;
  /** Ends every request that is under way. */
  signal?: AbortSignal;
}

export type Invocation = Pick<InvokeRequest, "inputs" | "env" | "stdin">;

export type Client = ReturnType<typeof createClient>;

/**
 * A client of the manager at `url`. Nothing is connected until a function is called; each throws PropError
 * `MANAGER_UNREACHABLE`, `NOT_A_MANAGER`, or what the manager itself threw.
 */
export function createClient({ url: given, ...options }: ClientOptions) {
  const connection: Connection = { url: given.replace(/\/+$/, ""), ...options };
  const call: Caller = (path, how) => requestJson(connection, path, how);
  return {
    url: connection.url,
    health: () => call<WireHealth>("/health"),
    tasks: tasksClient(call),
    proplets: propletsClient(call),
    functions: functionsClient(call),
    manifests: manifestsClient(call),
    jobs: jobsClient(call),
    workflows: workflowsClient(call),
    tokens: tokensClient(call),
    /** What happens, from now on or after `lastEventId`, over reconnections; ends with its signal. */
    follow: (follow: FollowOptions = {}): AsyncIterable<FollowedEvent> => followEvents(connection, follow),
  };
}

type Caller = <T>(path: string, how?: Call) => Promise<T>;
type PageRequest = Partial<Page>;

function tasksClient(call: Caller) {
  const at = (id: string, rest = "") => `/tasks/${encodeURIComponent(id)}${rest}`;
  return {
    /** `state` is one's name, in any case. */
    list: ({
      metadata,
      ...page
    }: PageRequest & {
      metadata?: Record<string, unknown>;
      state?: string;
      order?: "oldest" | "newest";
    } = {}) =>
      call<TaskPage>("/tasks", {
        query: { ...page, metadata: metadata === undefined ? undefined : JSON.stringify(metadata) },
      }),
    get: (id: string) => call<WireTask>(at(id)),
    /** What placement says of each proplet, and what the task waits for. */
    explain: (id: string) => call<WireExplanation>(at(id, "/explain")),
    /** With `start` it is queued in the same request. */
    create: (json: TaskInput, { start }: { start?: boolean } = {}) =>
      call<WireTask>("/tasks", { method: "POST", json, query: { start: start === true ? true : undefined } }),
    update: (id: string, json: TaskInput) => call<WireTask>(at(id), { method: "PUT", json }),
    upload: (id: string, module: Uint8Array, filename = "module.wasm") => {
      const form = new FormData();
      form.set("file", new Blob([new Uint8Array(module)], { type: "application/wasm" }), filename);
      return call<WireTask>(at(id, "/upload"), { method: "PUT", form });
    },
    start: (id: string) => call<{ started: boolean }>(at(id, "/start"), { method: "POST" }),
    stop: (id: string) => call<{ stopped: boolean }>(at(id, "/stop"), { method: "POST" }),
    delete: (id: string) => call<void>(at(id), { method: "DELETE" }),
    /** Undefined until the task has some. */
    results: async (id: string): Promise<unknown> =>
      (await call<{ results: unknown } | undefined>(at(id, "/results")))?.results,
    /** Runs a latent task once. */
    invoke: async (id: string, json: Invocation = {}): Promise<string> =>
      (await call<Invoked>(at(id, "/invoke"), { method: "POST", json })).results,
    /** Those that ended, oldest first. */
    attempts: (id: string, page: PageRequest = {}) =>
      call<AttemptPage>(at(id, "/attempts"), { query: { ...page } }),
    metrics: (id: string, page: PageRequest = {}) =>
      call<TaskMetricsPage>(at(id, "/metrics"), { query: { ...page } }),
  };
}

function propletsClient(call: Caller) {
  const at = (id: string, rest = "") => `/proplets/${encodeURIComponent(id)}${rest}`;
  return {
    list: (query: PageRequest & { status?: "active" | "inactive" } = {}) =>
      call<PropletPage>("/proplets", { query: { ...query } }),
    get: (id: string) => call<WireProplet>(at(id)),
    delete: (id: string) => call<void>(at(id), { method: "DELETE" }),
    /** It gets nothing new. */
    cordon: (id: string) => call<WireProplet>(at(id, "/cordon"), { method: "POST" }),
    uncordon: (id: string) => call<WireProplet>(at(id, "/uncordon"), { method: "POST" }),
    /** It is empty once `draining` is gone, which an event tells. `grace` in seconds. */
    drain: (id: string, json: { grace?: number } = {}) =>
      call<WireProplet>(at(id, "/drain"), { method: "POST", json }),
    metrics: (id: string, page: PageRequest = {}) =>
      call<PropletMetricsPage>(at(id, "/metrics"), { query: { ...page } }),
    history: (id: string, page: PageRequest = {}) =>
      call<HistoryPage>(at(id, "/alive-history"), { query: { ...page } }),
  };
}

function functionsClient(call: Caller) {
  const at = (name: string, rest = "") => `/functions/${encodeURIComponent(name)}${rest}`;
  return {
    /** Resolves once the new revision is ready and the name turned to it. */
    deploy: (name: string, json: TaskInput) => call<WireFunction>(at(name), { method: "PUT", json }),
    list: async (): Promise<WireFunction[]> => (await call<FunctionList>("/functions")).functions,
    get: (name: string) => call<WireFunction>(at(name)),
    delete: (name: string) => call<void>(at(name), { method: "DELETE" }),
    invoke: async (name: string, json: Invocation = {}): Promise<string> =>
      (await call<Invoked>(at(name, "/invoke"), { method: "POST", json })).results,
  };
}

function tokensClient(call: Caller) {
  return {
    /** The answer alone has the token itself. */
    create: (json: { name: string; scope: Scope; expires_in_seconds?: number }) =>
      call<CreatedToken>("/tokens", { method: "POST", json }),
    list: async (): Promise<WireToken[]> => (await call<TokenList>("/tokens")).tokens,
    revoke: (id: string) => call<void>(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}
