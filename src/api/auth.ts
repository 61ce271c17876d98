/** Who asks, and whether they may: bearer tokens, and the scope that each route needs. */
import type { FastifyRequest } from "fastify";
import { PropError } from "../errors.ts";
import type { Tokens } from "../manager/manager.ts";
import { covers, type Scope, type TokenRecord } from "../model/token.ts";
import type { App } from "./app.ts";
import { isLoopback } from "./host-guard.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a token has to have for this route; `open` needs none. A route that doesn't say is for admins. */
    scope?: Scope | "open";
  }
  interface FastifyRequest {
    /** Of a request that showed a token that holds. */
    token: TokenRecord | null;
  }
}

/** `token`: every route but the open ones asks for a bearer token. `none`: whoever reaches the server may do all. */
export type Auth = "token" | "none";

/** What a route says of itself, to spread into its options. */
export const open = { config: { scope: "open" } } as const;
export const reading = { config: { scope: "read" } } as const;
export const deploying = { config: { scope: "deploy" } } as const;
export const administering = { config: { scope: "admin" } } as const;

/** Existing clients send no token: what only this machine reaches asks for none. */
export function usualAuth(host: string): Auth {
  return isLoopback(host) ? "none" : "token";
}

const BEARER = /^bearer +(\S+) *$/i;

/** Call it before the routes are added. Learns who asks; whether they may is asked once the route is known to exist. */
export function identifyClients(app: App, tokens: Tokens): void {
  app.decorateRequest("token", null);
  app.addHook("onRequest", (request, _reply, done) => {
    const [, text] = BEARER.exec(request.headers.authorization ?? "") ?? [];
    request.token = (text === undefined ? undefined : tokens.check(text)) ?? null;
    done();
  });
}

/** Call it before the routes are added: refuses who may not use them, and tells the OpenAPI document so. */
export function requireScopes(app: App): void {
  app.addHook("onRoute", (route) => {
    const scope = route.config?.scope ?? "admin";
    route.schema = { ...route.schema, security: scope === "open" ? [] : [{ bearer: [scope] }] };
  });
  app.addHook("onRequest", (request, reply, done) => {
    const scope = request.routeOptions.config.scope ?? "admin";
    const refusal = scope === "open" ? undefined : refusalOf(request, scope);
    if (refusal?.code === "UNAUTHORIZED") reply.header("www-authenticate", challenge(request));
    done(refusal);
  });
}

/** What requests of one client have in common: its token, or else its address. */
export function clientOf({ token, ip }: FastifyRequest): string {
  return token?.id ?? ip;
}

function refusalOf({ token, headers }: FastifyRequest, needed: Scope): PropError | undefined {
  if (token === null) return unauthorized(headers.authorization !== undefined);
  return covers(token.scope, needed) ? undefined : forbidden(token, needed);
}

const GET_TOKEN =
  "Who may already makes one with: prop token create. The first is in the file admin-token of the manager's data folder.";
const GIVE_TOKEN = "Give it to a target with: prop target add <name> <url> --token-stdin, or set PROP_TOKEN";

/** RFC 6750, section 3: it says what was wrong only to who showed something. */
function challenge({ headers }: FastifyRequest): string {
  return headers.authorization === undefined ? "Bearer" : 'Bearer error="invalid_token"';
}

function unauthorized(shown: boolean): PropError {
  return new PropError({
    code: "UNAUTHORIZED",
    message: shown ? "the token is not valid, or no longer" : "this manager asks for a token",
    hint: `${GET_TOKEN}\n${GIVE_TOKEN}`,
  });
}

function forbidden({ name, scope }: TokenRecord, needed: Scope): PropError {
  return new PropError({
    code: "FORBIDDEN",
    message: `this needs a token of scope ${needed}; the token ${name} has scope ${scope}`,
    hint: `Make one with: prop token create --name <name> --scope ${needed}`,
  });
}
