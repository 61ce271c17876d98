/** `/tasks`: describe a task, start it, follow what becomes of it. */
import Type from "typebox";
import type { AttemptRecord } from "../../manager/manager.ts";
import { TaskInput } from "../../model/task.ts";
import { stateNamed, type TaskState } from "../../model/task-state.ts";
import type { App, RouteDeps } from "../app.ts";
import { deploying, reading } from "../auth.ts";
import { badRequest } from "../errors.ts";
import { InvokeBody, invocationOf } from "../invocation.ts";
import { INVOKE_BODY_BYTES, MODULE_BODY_BYTES } from "../limits.ts";
import { limitFrom, PageQuery, pageOf, pageQuery } from "../paging.ts";
import { TaskParams } from "../params.ts";
import { presentTaskMetrics } from "../present-metrics.ts";
import { presentTask, presentWaiting } from "../present-task.ts";
import { AttemptPage, Invoked, TaskMetricsPage, TaskPage, type WireAttempt, WireTask } from "../wire.ts";

const CreateQuery = Type.Object({ start: Type.Optional(Type.Boolean()) });
const ListQuery = Type.Object({
  ...pageQuery,
  // Of all lists, existing managers refuse 0 for this one.
  limit: limitFrom(1),
  metadata: Type.Optional(Type.String({ description: "JSON that a task's metadata must contain" })),
  state: Type.Optional(Type.String({ description: "name of a state, like failed" })),
  order: Type.Optional(
    Type.Union([Type.Literal("oldest"), Type.Literal("newest")], {
      description: "which comes first; oldest",
    }),
  ),
});
const Started = Type.Object({ started: Type.Boolean() });
const Stopped = Type.Object({ stopped: Type.Boolean() });
const TaskResults = Type.Object({ results: Type.Unknown() });

export function addTaskRoutes(app: App, { manager: { tasks } }: RouteDeps): void {
  app.post(
    "/tasks",
    {
      ...deploying,
      bodyLimit: MODULE_BODY_BYTES,
      schema: { body: TaskInput, querystring: CreateQuery, response: { 201: WireTask } },
    },
    async ({ body, query }, reply) => {
      const task = await tasks.create(body, { start: query.start === true });
      reply.code(201).header("location", `/tasks/${task.id}`);
      return presentTask(task);
    },
  );

  app.get(
    "/tasks",
    { ...reading, schema: { querystring: ListQuery, response: { 200: TaskPage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const filter = { ...metadataFilter(query.metadata), ...stateFilter(query.state) };
      const newestFirst = query.order === "newest";
      const { total, items } = await tasks.list({ ...page, ...filter, newestFirst });
      return { ...page, total, tasks: items.map(presentTask) };
    },
  );

  const one = { params: TaskParams, response: { 200: WireTask } };
  app.get("/tasks/:id", { ...reading, schema: one }, async ({ params }) =>
    presentWaiting(await tasks.get(params.id), tasks.waitsFor(params.id)),
  );

  app.put(
    "/tasks/:id",
    { ...deploying, bodyLimit: MODULE_BODY_BYTES, schema: { ...one, body: TaskInput } },
    async ({ params, body }) => presentTask(await tasks.update(params.id, body)),
  );

  app.delete("/tasks/:id", { ...deploying, schema: { params: TaskParams } }, async ({ params }, reply) => {
    await tasks.delete(params.id);
    return reply.code(204).send();
  });

  app.post(
    "/tasks/:id/start",
    { ...deploying, schema: { params: TaskParams, response: { 200: Started } } },
    async ({ params }) => {
      await tasks.start(params.id);
      return { started: true };
    },
  );

  app.post(
    "/tasks/:id/stop",
    { ...deploying, schema: { params: TaskParams, response: { 200: Stopped } } },
    async ({ params }) => {
      await tasks.stop(params.id);
      return { stopped: true };
    },
  );

  app.post(
    "/tasks/:id/invoke",
    {
      ...deploying,
      bodyLimit: INVOKE_BODY_BYTES,
      schema: { params: TaskParams, body: InvokeBody, response: { 200: Invoked } },
    },
    async ({ params, body }) => ({
      invoked: true,
      results: await tasks.invoke(params.id, invocationOf(body)),
    }),
  );

  app.get(
    "/tasks/:id/results",
    { ...reading, schema: { params: TaskParams, response: { 200: TaskResults } } },
    async ({ params }, reply) => {
      const { results } = await tasks.get(params.id);
      if (results !== undefined) return { results };
      reply.hijack();
      reply.raw.end();
    },
  );

  app.get(
    "/tasks/:id/attempts",
    { ...reading, schema: { params: TaskParams, querystring: PageQuery, response: { 200: AttemptPage } } },
    async ({ params, query }) => {
      const page = pageOf(query);
      const records = await tasks.attempts(params.id);
      const shown = records.slice(page.offset, page.offset + page.limit);
      return { ...page, total: records.length, attempts: shown.map(presentAttempt) };
    },
  );

  app.get(
    "/tasks/:id/metrics",
    {
      ...reading,
      schema: { params: TaskParams, querystring: PageQuery, response: { 200: TaskMetricsPage } },
    },
    async ({ params, query }) => {
      const page = pageOf(query);
      const { total, items } = await tasks.metrics(params.id, page);
      return { ...page, total, metrics: items.map(presentTaskMetrics) };
    },
  );
}

/** The record without what its task says already. */
function presentAttempt({ task_id: _, ...attempt }: AttemptRecord): WireAttempt {
  return attempt;
}

function stateFilter(name: string | undefined): { state?: TaskState } {
  if (!name) return {};
  const state = stateNamed(name);
  if (state === undefined) throw badRequest(`invalid state: "${name}" is the name of no state`);
  return { state };
}

function metadataFilter(text: string | undefined): { metadata?: Record<string, unknown> } {
  if (!text) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badRequest(`invalid metadata: "${text}" is not JSON`);
  }
  if (parsed === null) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed)) {
    throw badRequest(`invalid metadata: "${text}" is not a JSON object`);
  }
  return { metadata: { ...parsed } };
}
