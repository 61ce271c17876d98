/** What the API offers, by its own OpenAPI document, so that a new route is tried without being named here. */
import { type Damage, damagesOf, type Schema } from "./schema.ts";

export interface Operation {
  method: string;
  /** With `{id}` where a parameter stands. */
  path: string;
  query: [name: string, schema: Schema][];
  /** Of a JSON body; undefined where it takes none. */
  body: Schema | undefined;
  /** It does without a body too. */
  bodyIsOptional: boolean;
  damages: readonly Damage[];
  isUpload: boolean;
  /** It answers with a stream that doesn't end. */
  isStream: boolean;
}

interface Described {
  parameters?: { name: string; in: string; schema: Schema }[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Schema }> };
  responses?: Record<string, { content?: Record<string, unknown> }>;
}

interface Document {
  paths: Record<string, Record<string, Described>>;
}

/** Reads the document that a manager at `url` serves. */
export async function readOperations(url: string): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(method.toUpperCase(), path, described)),
  );
}

function operationOf(method: string, path: string, described: Described): Operation {
  const { parameters = [], requestBody } = described;
  const json = requestBody?.content?.["application/json"]?.schema;
  const takesText = json !== undefined && Object.keys(json).length > 0;
  return {
    method,
    path,
    query: parameters.filter((one) => one.in === "query").map(({ name, schema }) => [name, schema]),
    body: takesText ? json : undefined,
    bodyIsOptional: takesText && "x-optional-body" in json,
    damages: takesText ? damagesOf(json) : [],
    isUpload: path.endsWith("/upload"),
    isStream: path === "/events",
  };
}
