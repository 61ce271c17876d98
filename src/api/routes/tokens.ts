/** `/tokens` [E]: bearer tokens for this API. */
import Type from "typebox";
import { scopes, type TokenRecord } from "../../model/token.ts";
import type { App, RouteDeps } from "../app.ts";
import { administering } from "../auth.ts";
import { CreatedToken, TokenList, type WireToken } from "../wire.ts";

const TokenInput = Type.Object({
  name: Type.String(),
  scope: Type.Union(
    scopes.map((scope) => Type.Literal(scope)),
    { "x-invalid": "scope must be read, deploy or admin" },
  ),
  expires_in_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_155_760_000 })),
});
const TokenParams = Type.Object({ id: Type.String({ minLength: 1 }) });

export function addTokenRoutes(app: App, { manager: { tokens } }: RouteDeps): void {
  app.post(
    "/tokens",
    { ...administering, schema: { body: TokenInput, response: { 201: CreatedToken } } },
    async ({ body: { name, scope, expires_in_seconds: seconds } }, reply) => {
      const expiry = seconds === undefined ? {} : { expiresInMs: seconds * 1_000 };
      const { record, token } = await tokens.create({ name, scope, ...expiry });
      reply.code(201).header("location", `/tokens/${record.id}`).header("cache-control", "no-store");
      return { ...present(record), token };
    },
  );

  app.get("/tokens", { ...administering, schema: { response: { 200: TokenList } } }, async () => {
    const list = await tokens.list();
    return { total: list.length, tokens: list.map(present) };
  });

  app.delete(
    "/tokens/:id",
    { ...administering, schema: { params: TokenParams } },
    async ({ params }, reply) => {
      await tokens.revoke(params.id);
      return reply.code(204).send();
    },
  );
}

function present({ id, name, scope, created_at, expires_at }: TokenRecord): WireToken {
  return { id, name, scope, created_at, ...(expires_at === undefined ? {} : { expires_at }) };
}
