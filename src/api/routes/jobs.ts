/** `/jobs`: tasks that are started together, one after another, or by their dependencies. */
import Type from "typebox";
import { type ExecutionMode, executionModes } from "../../model/job.ts";
import type { App, RouteDeps } from "../app.ts";
import { deploying, reading } from "../auth.ts";
import { badRequest } from "../errors.ts";
import { MODULE_BODY_BYTES } from "../limits.ts";
import { pageOf, pageQuery } from "../paging.ts";
import { TaskParams } from "../params.ts";
import { presentJob, presentJobSummary, presentListedJob } from "../present-job.ts";
import { JobInput, JobMessage, JobPage, WireJob, WireJobSummary } from "../wire-groups.ts";

const status = Type.Union(
  [
    Type.Literal("pending"),
    Type.Literal("running"),
    Type.Literal("completed"),
    Type.Literal("failed"),
    Type.Literal("interrupted"),
    Type.Literal(""),
  ],
  { "x-invalid": "invalid job status" },
);
const summary = Type.Boolean({ description: "counts in the place of the tasks" });
const ListQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(status),
  summary: Type.Optional(summary),
});
const JobQuery = Type.Object({ ...pageQuery, summary: Type.Optional(summary) });

export function addJobRoutes(app: App, { manager: { jobs } }: RouteDeps): void {
  const creates = { ...deploying, bodyLimit: MODULE_BODY_BYTES };
  app.post(
    "/jobs",
    { ...creates, schema: { body: JobInput, response: { 201: WireJob } } },
    async ({ body }, reply) => {
      const job = await jobs.create({
        tasks: body.tasks ?? [],
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.execution_mode ? { execution_mode: modeOf(body.execution_mode) } : {}),
      });
      reply.code(201).header("location", `/jobs/${job.id}`);
      return presentJob(job);
    },
  );

  app.get(
    "/jobs",
    { ...reading, schema: { querystring: ListQuery, response: { 200: JobPage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const asked = { ...page, ...(query.status ? { status: query.status } : {}) };
      if (query.summary) {
        const { total, items } = await jobs.summaries(asked);
        return { ...page, total, jobs: items.map(presentJobSummary) };
      }
      const { total, items } = await jobs.list(asked);
      return { ...page, total, jobs: items.map(presentListedJob) };
    },
  );

  app.get(
    "/jobs/:id",
    {
      ...reading,
      schema: {
        params: TaskParams,
        querystring: JobQuery,
        response: { 200: Type.Union([WireJob, WireJobSummary]) },
      },
    },
    async ({ params, query }) => {
      if (!query.summary) return presentJob(await jobs.get(params.id));
      return presentJobSummary(await jobs.summary(params.id, pageOf(query)));
    },
  );

  const changes = { ...deploying, schema: { params: TaskParams, response: { 200: JobMessage } } };
  app.post("/jobs/:id/start", changes, async ({ params }) => {
    await jobs.start(params.id);
    return { job_id: params.id, message: "job started" };
  });

  app.post("/jobs/:id/stop", changes, async ({ params }) => {
    await jobs.stop(params.id);
    return { job_id: params.id, message: "job stopped" };
  });

  app.delete("/jobs/:id", { ...deploying, schema: { params: TaskParams } }, async ({ params }, reply) => {
    await jobs.delete(params.id);
    return reply.code(204).send();
  });
}

function modeOf(text: string): ExecutionMode {
  const mode = executionModes.find((known) => known === text.trim());
  if (mode !== undefined) return mode;
  throw badRequest(`invalid execution_mode "${text}": it is ${executionModes.join(", ")}`);
}
