/** `/fl`: federated learning. Requests go to the coordinator as they came, its answers come back as they are. */
import type { FastifyReply } from "fastify";
import Type from "typebox";
import type { Answered } from "../../manager/manager.ts";
import type { App, RouteDeps } from "../app.ts";
import { deploying, reading } from "../auth.ts";
import { badRequest } from "../errors.ts";
import { MODULE_BODY_BYTES } from "../limits.ts";

const CBOR = ["application/cbor", "application/cbor-seq"];
const TaskQuery = Type.Object({ round_id: Type.String({ minLength: 1 }) });
const RoundParams = Type.Object({ id: Type.String({ minLength: 1 }) });

/** Bodies are not read here: a scope of its own keeps them as bytes. */
export async function addFlRoutes(app: App, { manager: { federated } }: RouteDeps): Promise<void> {
  await app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    // Before anything is said of the request: no request would do.
    scope.addHook("onRequest", async () => federated.checkCoordinator());
    const sending = { ...deploying, bodyLimit: MODULE_BODY_BYTES };

    scope.post("/fl/experiments", sending, async ({ body, headers }, reply) => {
      checkType(headers["content-type"], ["application/json"]);
      return pass(reply, await federated.configure(bytes(body)));
    });

    for (const [path, types] of [
      ["/update", ["application/json"]] as const,
      ["/update_cbor", CBOR] as const,
    ]) {
      scope.post(`/fl${path}`, sending, async ({ body, headers }, reply) => {
        const contentType = checkType(headers["content-type"], types);
        return pass(reply, await federated.forward({ method: "POST", path, contentType, body: bytes(body) }));
      });
    }

    scope.get("/fl/task", { ...reading, schema: { querystring: TaskQuery } }, async ({ url }, reply) => {
      const path = `/task${url.slice(url.indexOf("?"))}`;
      return pass(reply, await federated.forward({ method: "GET", path }));
    });

    scope.get(
      "/fl/rounds/:id/complete",
      { ...reading, schema: { params: RoundParams } },
      async ({ params }, reply) => {
        const path = `/rounds/${encodeURIComponent(params.id)}/complete`;
        return pass(reply, await federated.forward({ method: "GET", path }));
      },
    );
  });
}

function bytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw badRequest("the body is empty");
}

function checkType(given: string | undefined, allowed: readonly string[]): string {
  const [type = ""] = (given ?? "").split(";");
  if (given !== undefined && allowed.includes(type.trim().toLowerCase())) return given;
  throw badRequest("unsupported content type", `send it with the header Content-Type: ${allowed[0]}`);
}

/** Existing clients ask for exactly 200 where it went well, and read errors as JSON. */
function pass(reply: FastifyReply, { status, contentType, body }: Answered): FastifyReply {
  const isError = status >= 400;
  if (isError && !contentType.includes("json")) {
    const said = Buffer.from(body).toString().trim().slice(0, 1_000);
    const error = said === "" ? `the coordinator answered ${status}` : said;
    return reply
      .code(status)
      .type("application/json")
      .send(Buffer.from(JSON.stringify({ error })));
  }
  return reply
    .code(isError ? status : 200)
    .type(contentType)
    .send(Buffer.from(body));
}
