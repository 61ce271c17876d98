/** `/proplets`: the workers, what they measured and when they were heard. */
import Type from "typebox";
import type { Proplet } from "../../model/proplet.ts";
import type { App, RouteDeps } from "../app.ts";
import { administering, reading } from "../auth.ts";
import { PageQuery, pageOf, pageQuery } from "../paging.ts";
import { PropletParams } from "../params.ts";
import { presentPropletMetrics } from "../present-metrics.ts";
import { presentProplet } from "../present-proplet.ts";
import { HistoryPage, PropletMetricsPage, PropletPage, WireProplet } from "../wire.ts";

const PropletQuery = Type.Object({
  ...pageQuery,
  status: Type.Optional(
    Type.Union([Type.Literal("active"), Type.Literal("inactive"), Type.Literal("")], {
      "x-invalid": "invalid proplet status",
    }),
  ),
});

const DRAIN_GRACE_SECONDS = 30;
const DrainBody = Type.Object(
  {
    grace: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 86_400,
        description: "seconds that what runs may take; 30 by default",
      }),
    ),
  },
  { "x-optional-body": true },
);

export function addPropletRoutes(app: App, { manager: { proplets } }: RouteDeps): void {
  app.get(
    "/proplets",
    { ...reading, schema: { querystring: PropletQuery, response: { 200: PropletPage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const alive = query.status ? { alive: query.status === "active" } : {};
      const { total, items } = await proplets.list({ ...page, ...alive });
      return {
        ...page,
        total,
        proplets: items.map((item) => presentProplet(item, proplets.taskCount(item.id))),
      };
    },
  );

  app.get(
    "/proplets/:id",
    { ...reading, schema: { params: PropletParams, response: { 200: WireProplet } } },
    async ({ params }) => presentProplet(await proplets.get(params.id), proplets.taskCount(params.id)),
  );

  app.delete(
    "/proplets/:id",
    { ...administering, schema: { params: PropletParams } },
    async ({ params }, reply) => {
      await proplets.delete(params.id);
      return reply.code(204).send();
    },
  );

  const change = { ...administering, schema: { params: PropletParams, response: { 200: WireProplet } } };
  const shown = (proplet: Proplet) => presentProplet(proplet, proplets.taskCount(proplet.id));
  app.post("/proplets/:id/cordon", change, async ({ params }) => shown(await proplets.cordon(params.id)));
  app.post("/proplets/:id/uncordon", change, async ({ params }) => shown(await proplets.uncordon(params.id)));
  app.post(
    "/proplets/:id/drain",
    { ...change, schema: { ...change.schema, body: DrainBody } },
    async ({ params, body }) =>
      shown(await proplets.drain(params.id, { graceMs: 1_000 * (body.grace ?? DRAIN_GRACE_SECONDS) })),
  );

  app.get(
    "/proplets/:id/metrics",
    {
      ...reading,
      schema: { params: PropletParams, querystring: PageQuery, response: { 200: PropletMetricsPage } },
    },
    async ({ params, query }) => {
      const page = pageOf(query);
      const { total, items } = await proplets.metrics(params.id, page);
      return { ...page, total, metrics: items.map(presentPropletMetrics) };
    },
  );

  app.get(
    "/proplets/:id/alive-history",
    {
      ...reading,
      schema: { params: PropletParams, querystring: PageQuery, response: { 200: HistoryPage } },
    },
    async ({ params, query }) => {
      const page = pageOf(query);
      const { alive_history: history } = await proplets.get(params.id);
      return {
        ...page,
        total: history.length,
        history: history.slice(page.offset, page.offset + page.limit),
      };
    },
  );
}
