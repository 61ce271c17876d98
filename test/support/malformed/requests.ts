/** Requests that a manager must refuse: for each of its routes, damaged in path, query, headers or body. */
import type { Operation } from "./operations.ts";
import type { Random } from "./random.ts";
import { damaged, type Names, pickWrong, sampleOf, wrongValues } from "./schema.ts";
import { impossibleBodies } from "./semantics.ts";
import { brokenText, withDuplicate } from "./text.ts";
import { brokenUpload } from "./uploads.ts";

export interface BadRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** It asks for nothing to be changed: it may be answered. */
  isHarmless?: boolean;
}

const JSON_TYPE = { "content-type": "application/json" };
const OTHER_TYPES = [
  "text/plain",
  "application/xml",
  "application/x-www-form-urlencoded",
  "a",
  "multipart/form-data",
];
/** In a path, as they are. None of them names anything. */
const STRANGE_IDS = [
  "__proto__", "constructor", "toString", "*", "+", "%23", "%00", "%ff", "%", "%E0%A4%A", "..%2f..%2fetc%2fpasswd",
  "%2e%2e", "-1", "0", "null", "NaN", "%F0%9F%92%A5", "a".repeat(299), "a".repeat(5_000), "%0d%0aSet-Cookie:%20a=b", "';drop--", "%20",
]; // biome-ignore format: a list
const STRANGE_PATHS = [
  "/../../etc/passwd", "/tasks/../tokens", "//tasks", "/%", "/%00", "/tasks/%E0%A4%A/start", "/.git/config", "/TASKS",
  "/tasks/", "/*", `/${"a/".repeat(3_000)}`, "/openapi.json/..", "/tasks;a=b", "/tasks%2f", "/constructor", "/__proto__",
]; // biome-ignore format: a list
const METHODS = ["PATCH", "TRACE", "OPTIONS", "PROPFIND", "LOCK", "SEARCH", "HEAD", "PUT", "DELETE", "POST"];
const NUMBERS = ["-1", "1e3", "NaN", "", "0x10", "99999999999999999999", "1.5", "null", "%00", "Infinity"];

export interface RequestSources {
  operations: readonly Operation[];
  random: Random;
  /** Values for fields that refer to something, by the field's name. */
  names: Names;
  /** What there is under each first level of a path: `tasks`, `proplets` … */
  ids: Record<string, readonly string[]>;
}

type Maker = (operation: Operation) => BadRequest | undefined;

/** Returns what makes one bad request after the other, of every route and kind in turn. */
export function badRequests({ operations, random, names, ids }: RequestSources): () => BadRequest {
  const changing = operations.filter(({ method }) => method !== "GET");
  const known = new Set(operations.map(({ method, path }) => `${method} ${path}`));

  const fill = (path: string, value: () => string) => path.replace(/\{\w+\}/g, value);
  /** What is there: the damage is elsewhere. */
  const real = (path: string) => fill(path, () => random.pick(ids[path.split("/")[1] ?? ""] ?? ["x"]));
  const hasId = (path: string) => path.includes("{");
  const sample = (operation: Operation) => sampleOf(operation.body ?? {}, random, names);
  const send = (
    { method }: Operation,
    path: string,
    body?: string | Buffer,
    headers = JSON_TYPE,
  ): BadRequest => {
    const isHarmless = method === "GET";
    if (isHarmless || body === undefined) return { method, path, headers: {}, isHarmless };
    return { method, path, headers, body };
  };
  const damagedBody = (operation: Operation): string | undefined =>
    operation.damages.length === 0
      ? undefined
      : (JSON.stringify(damaged(sample(operation), random.pick(operation.damages), random)) ?? "");

  const makers: Record<string, Maker> = {
    /** PUT makes what isn't there: it gets a body that it can't take. */
    strangeId(operation) {
      if (!hasId(operation.path)) return undefined;
      const id = random.below(3) === 0 ? random.uuid() : random.pick(STRANGE_IDS);
      const body = operation.body === undefined ? undefined : damagedBody(operation);
      if (operation.method === "PUT" && body === undefined) return undefined;
      return send(
        operation,
        fill(operation.path, () => id),
        body,
      );
    },
    damagedField(operation) {
      const body = damagedBody(operation);
      return body === undefined ? undefined : send(operation, real(operation.path), body);
    },
    brokenText(operation) {
      if (operation.body === undefined) return undefined;
      const body = brokenText(sample(operation), random, !operation.bodyIsOptional);
      return send(operation, real(operation.path), body);
    },
    poisoned(operation) {
      if (operation.body === undefined) return undefined;
      const inner = JSON.stringify(sample(operation));
      const body = random.pick([`{"__proto__":${inner}}`, `{"a":[{"__proto__":${inner}}]}`]);
      return send(operation, real(operation.path), body);
    },
    duplicateKey(operation) {
      const fields = Object.entries(operation.body?.properties ?? {});
      if (fields.length === 0) return undefined;
      const [name, schema] = random.pick(fields);
      if (wrongValues(schema).length === 0) return undefined;
      const body = withDuplicate(Object(sample(operation)), name, pickWrong(schema, random));
      return send(operation, real(operation.path), body);
    },
    otherType(operation) {
      if (operation.body === undefined) return undefined;
      const body = JSON.stringify(sample(operation));
      return send(operation, real(operation.path), body, { "content-type": random.pick(OTHER_TYPES) });
    },
    badQuery(operation) {
      if (operation.query.length === 0) return undefined;
      const [name, { type }] = random.pick(operation.query);
      if (operation.method !== "GET" && type !== "boolean" && type !== "integer") return undefined;
      const body = operation.body === undefined ? undefined : JSON.stringify(sample(operation));
      return send(operation, `${real(operation.path)}?${name}=${random.pick(NUMBERS)}`, body);
    },
    impossible(operation) {
      const bodies = impossibleBodies(operation, random);
      return bodies.length === 0 ? undefined : send(operation, real(operation.path), random.pick(bodies));
    },
    upload: (operation) =>
      operation.isUpload ? { method: "PUT", path: real(operation.path), ...brokenUpload(random) } : undefined,
    unrouted(operation) {
      const method = random.pick(METHODS);
      const headers = { accept: "x".repeat(random.below(10_000)) };
      if (random.below(2) === 0)
        return { method, path: random.pick(STRANGE_PATHS), headers, isHarmless: method === "HEAD" };
      if (known.has(`${method} ${operation.path}`)) return undefined;
      const isHarmless = method === "HEAD" || method === "OPTIONS";
      return { method, path: real(operation.path), headers, isHarmless };
    },
  };
  const all = Object.values(makers);

  return () => {
    for (;;) {
      const operation = random.pick(random.below(4) === 0 ? operations : changing);
      const request = operation.isStream ? undefined : random.pick(all)(operation);
      if (request !== undefined) return request;
    }
  };
}
