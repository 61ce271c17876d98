/** `/tasks`: describe a task, start it, follow what becomes of it. */
import Type from "typebox";
import { TaskInput } from "../../model/task.ts";
import type { App, RouteDeps } from "../app.ts";
import { badRequest } from "../errors.ts";
import { InvokeBody, invocationOf } from "../invocation.ts";
import { PageQuery, pageOf, pageQuery } from "../paging.ts";
import { TaskParams } from "../params.ts";
import { presentTaskMetrics } from "../present-metrics.ts";
import { presentTask } from "../present-task.ts";
import { Invoked, TaskMetricsPage, TaskPage, WireTask } from "../wire.ts";

const CreateQuery = Type.Object({ start: Type.Optional(Type.Boolean()) });
const ListQuery = Type.Object({
  ...pageQuery,
  metadata: Type.Optional(Type.String({ description: "JSON that a task's metadata must contain" })),
});
const Started = Type.Object({ started: Type.Boolean() });
const Stopped = Type.Object({ stopped: Type.Boolean() });
const TaskResults = Type.Object({ results: Type.Unknown() });

export function addTaskRoutes(app: App, { manager: { tasks } }: RouteDeps): void {
  app.post(
    "/tasks",
    { schema: { body: TaskInput, querystring: CreateQuery, response: { 201: WireTask } } },
    async ({ body, query }, reply) => {
      const task = await tasks.create(body, { start: query.start === true });
      reply.code(201).header("location", `/tasks/${task.id}`);
      return presentTask(task);
    },
  );

  app.get(
    "/tasks",
    { schema: { querystring: ListQuery, response: { 200: TaskPage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const { total, items } = await tasks.list({ ...page, ...metadataFilter(query.metadata) });
      return { ...page, total, tasks: items.map(presentTask) };
    },
  );

  const one = { params: TaskParams, response: { 200: WireTask } };
  app.get("/tasks/:id", { schema: one }, async ({ params }) => presentTask(await tasks.get(params.id)));

  app.put("/tasks/:id", { schema: { ...one, body: TaskInput } }, async ({ params, body }) =>
    presentTask(await tasks.update(params.id, body)),
  );

  app.delete("/tasks/:id", { schema: { params: TaskParams } }, async ({ params }, reply) => {
    await tasks.delete(params.id);
    return reply.code(204).send();
  });

  app.post(
    "/tasks/:id/start",
    { schema: { params: TaskParams, response: { 200: Started } } },
    async ({ params }) => {
      await tasks.start(params.id);
      return { started: true };
    },
  );

  app.post(
    "/tasks/:id/stop",
    { schema: { params: TaskParams, response: { 200: Stopped } } },
    async ({ params }) => {
      await tasks.stop(params.id);
      return { stopped: true };
    },
  );

  app.post(
    "/tasks/:id/invoke",
    { schema: { params: TaskParams, body: InvokeBody, response: { 200: Invoked } } },
    async ({ params, body }) => ({
      invoked: true,
      results: await tasks.invoke(params.id, invocationOf(body)),
    }),
  );

  app.get(
    "/tasks/:id/results",
    { schema: { params: TaskParams, response: { 200: TaskResults } } },
    async ({ params }, reply) => {
      const { results } = await tasks.get(params.id);
      if (results !== undefined) return { results };
      reply.hijack();
      reply.raw.end();
    },
  );

  app.get(
    "/tasks/:id/metrics",
    { schema: { params: TaskParams, querystring: PageQuery, response: { 200: TaskMetricsPage } } },
    async ({ params, query }) => {
      const page = pageOf(query);
      const { total, items } = await tasks.metrics(params.id, page);
      return { ...page, total, metrics: items.map(presentTaskMetrics) };
    },
  );
}

function metadataFilter(text: string | undefined): { metadata?: Record<string, unknown> } {
  if (!text) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badRequest(`invalid metadata: "${text}" is not JSON`);
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw badRequest(`invalid metadata: "${text}" is not a JSON object`);
  }
  return { metadata: { ...parsed } };
}
