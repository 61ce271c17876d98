/** `GET /openapi.json`: the document that follows from the schemas of the routes. */
import swagger from "@fastify/swagger";
import type { App } from "../app.ts";
import { reading } from "../auth.ts";

/** Call it before any other route is added: it sees those that come after it. */
export async function addOpenApiRoute(app: App, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
      info: { title: "prop manager", description: "Runs WebAssembly functions on proplets.", version },
    },
  });
  app.get("/openapi.json", reading, async () => app.swagger());
}
