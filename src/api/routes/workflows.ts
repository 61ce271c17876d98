/** `/workflows`: tasks that start when those they depend on have ended. */
import type { App, RouteDeps } from "../app.ts";
import { deploying, reading } from "../auth.ts";
import { MODULE_BODY_BYTES } from "../limits.ts";
import { PageQuery, pageOf } from "../paging.ts";
import { TaskParams } from "../params.ts";
import { presentWorkflow } from "../present-job.ts";
import { presentTask } from "../present-task.ts";
import { WireWorkflow, WorkflowInput, WorkflowMessage, WorkflowPage, WorkflowTasks } from "../wire-groups.ts";

export function addWorkflowRoutes(app: App, { manager: { workflows } }: RouteDeps): void {
  app.post(
    "/workflows",
    {
      ...deploying,
      bodyLimit: MODULE_BODY_BYTES,
      schema: { body: WorkflowInput, response: { 201: WorkflowTasks } },
    },
    async ({ body }, reply) => {
      const { tasks } = await workflows.create({
        tasks: body.tasks ?? [],
        ...(body.name === undefined ? {} : { name: body.name }),
      });
      reply.code(201);
      return { tasks: tasks.map(presentTask) };
    },
  );

  app.get(
    "/workflows",
    { ...reading, schema: { querystring: PageQuery, response: { 200: WorkflowPage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const { total, items } = await workflows.list(page);
      return { ...page, total, workflows: items.map(presentWorkflow) };
    },
  );

  app.get(
    "/workflows/:id",
    { ...reading, schema: { params: TaskParams, response: { 200: WireWorkflow } } },
    async ({ params }) => presentWorkflow(await workflows.get(params.id)),
  );

  const changes = { ...deploying, schema: { params: TaskParams, response: { 200: WorkflowMessage } } };
  app.post("/workflows/:id/start", changes, async ({ params }) => {
    await workflows.start(params.id);
    return { workflow_id: params.id, message: "workflow started" };
  });

  app.post("/workflows/:id/stop", changes, async ({ params }) => {
    await workflows.stop(params.id);
    return { workflow_id: params.id, message: "workflow stopped" };
  });

  app.delete(
    "/workflows/:id",
    { ...deploying, schema: { params: TaskParams } },
    async ({ params }, reply) => {
      await workflows.delete(params.id);
      return reply.code(204).send();
    },
  );
}
