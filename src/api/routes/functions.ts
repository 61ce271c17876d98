/** `/functions` [E]: names under which the latest deployed latent task is invoked. */
import { TaskInput } from "../../model/task.ts";
import type { App, RouteDeps } from "../app.ts";
import { deploying, reading } from "../auth.ts";
import { InvokeBody, invocationOf } from "../invocation.ts";
import { INVOKE_BODY_BYTES, MODULE_BODY_BYTES } from "../limits.ts";
import { FunctionParams } from "../params.ts";
import { FunctionList, Invoked, WireFunction } from "../wire.ts";

export function addFunctionRoutes(app: App, { manager: { functions } }: RouteDeps): void {
  app.put(
    "/functions/:name",
    {
      ...deploying,
      bodyLimit: MODULE_BODY_BYTES,
      schema: { params: FunctionParams, body: TaskInput, response: { 200: WireFunction, 201: WireFunction } },
    },
    async ({ params, body }, reply) => {
      const deployed = await functions.deploy(params.name, body);
      reply.code(deployed.revision === 1 ? 201 : 200);
      return deployed;
    },
  );

  app.get("/functions", { ...reading, schema: { response: { 200: FunctionList } } }, async () => {
    const list = await functions.list();
    return { total: list.length, functions: list };
  });

  app.get(
    "/functions/:name",
    { ...reading, schema: { params: FunctionParams, response: { 200: WireFunction } } },
    async ({ params }) => functions.get(params.name),
  );

  app.delete(
    "/functions/:name",
    { ...deploying, schema: { params: FunctionParams } },
    async ({ params }, reply) => {
      await functions.delete(params.name);
      return reply.code(204).send();
    },
  );

  app.post(
    "/functions/:name/invoke",
    {
      ...deploying,
      bodyLimit: INVOKE_BODY_BYTES,
      schema: { params: FunctionParams, body: InvokeBody, response: { 200: Invoked } },
    },
    async ({ params, body }) => ({
      invoked: true,
      results: await functions.invoke(params.name, invocationOf(body)),
    }),
  );
}
