/** What no route answers: 405 where the path exists under another method, else the legacy 404 text. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./app.ts";

/** Call it before the routes are added: it learns them as they come. */
export function answerUnrouted(app: App): void {
  const known = new Map<string, { pattern: RegExp; methods: string[] }>();
  app.addHook("onRoute", ({ url, method }) => {
    const route = known.get(url) ?? { pattern: patternOf(url), methods: [] };
    route.methods.push(...[method].flat());
    known.set(url, route);
  });
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.replace(/\?.*$/s, "");
    const methods = [...known.values()].find(({ pattern }) => pattern.test(path))?.methods;
    if (methods !== undefined) return reply.code(405).header("allow", methods.join(", ")).send();
    return reply.code(404).type("text/plain; charset=utf-8").send("404 page not found\n");
  };
  // Before the body is parsed: what is wrong with it does not matter here.
  app.addHook("onRequest", async (request, reply) => {
    if (request.is404) return answer(request, reply);
  });
  app.setNotFoundHandler(answer);
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/:[a-z_]+/g, "[^/]+")}/?$`);
}
