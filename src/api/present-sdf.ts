/** A proplet as a document of the Semantic Definition Format (RFC 9880): what it is, can do and tells. */
import type { TObject, TProperties, TSchema } from "typebox";
import { PropletMetadata } from "../protocol/messages/discovery.ts";
import { Start } from "../protocol/messages/start.ts";
import { Stop } from "../protocol/messages/stop.ts";

type Sdf = Readonly<Record<string, unknown>>;

/** Of the shape of the document, not of SDF. */
const DOCUMENT_VERSION = "1.0";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const count = { type: "integer", minimum: 0 } as const;
const readOnly = { readOnly: true } as const;
const observable = { observable: true } as const;
const reference = (name: string) => ({ sdfRef: `#/sdfThing/Proplet/sdfData/${name}` });

/** What existing installations tell of a start (wire-contract, section 2); our own extensions are no part of it. */
const dispatchFields = [
  "id",
  "name",
  "image_url",
  "cli_args",
  "inputs",
  "env",
  "daemon",
  "encrypted",
  "kbs_resource_path",
] as const;

const data = {
  PropletMetadata: objectOf(PropletMetadata),
  TaskDispatch: { ...objectOf(Start, dispatchFields), required: ["id", "name"] },
  TaskStop: { ...objectOf(Stop, ["id"]), required: ["id"] },
  HeartbeatPayload: object({ proplet_id: text, name: text, task_count: count, alive: flag }),
  TaskResult: object({
    task_id: text,
    proplet_id: text,
    state: { ...text, enum: ["Completed", "Failed", "Skipped", "Interrupted"] },
    results: { type: "object" },
    error: text,
  }),
};

const thing = {
  sdfProperty: {
    id: { ...text, ...readOnly },
    name: text,
    alive: { ...flag, ...readOnly, ...observable },
    task_count: { ...count, ...readOnly, ...observable },
    metadata: reference("PropletMetadata"),
  },
  sdfAction: {
    start_task: { sdfInputData: reference("TaskDispatch") },
    stop_task: { sdfInputData: reference("TaskStop") },
  },
  sdfEvent: {
    heartbeat: { sdfOutputData: reference("HeartbeatPayload") },
    task_result: { sdfOutputData: reference("TaskResult") },
  },
  sdfData: data,
};

/** The title names the proplet; all else is the same for each. */
export function presentSdf({ id, name }: { id: string; name: string }) {
  const title = `Propeller Proplet: ${name} (${id})`;
  return { info: { title, version: DOCUMENT_VERSION, license: "Apache-2.0" }, sdfThing: { Proplet: thing } };
}

function object(properties: Record<string, Sdf>): Sdf {
  return { type: "object", properties };
}

/** Those fields of a message as SDF data: its types, without what only our parser holds them to. */
function objectOf(
  schema: TObject<TProperties>,
  fields: readonly string[] = Object.keys(schema.properties),
): Sdf {
  return object(Object.fromEntries(fields.map((field) => [field, dataOf(schema.properties[field])])));
}

interface SchemaFields {
  type?: unknown;
  minimum?: unknown;
  items?: TSchema;
  anyOf?: TSchema[];
  patternProperties?: Record<string, TSchema>;
}

function dataOf(schema: SchemaFields | undefined): Sdf {
  const { type, minimum, items, anyOf, patternProperties } = schema ?? {};
  // Numbers come from some clients; they mean the string they are written as.
  if (anyOf !== undefined) return dataOf(anyOf[0]);
  if (items !== undefined) return { type, items: dataOf(items) };
  const [values] = Object.values(patternProperties ?? {});
  if (values !== undefined) return { type, additionalProperties: dataOf(values) };
  // Whatever counts as a number in these messages counts bytes.
  return { type: type === "number" ? "integer" : type, ...(minimum === undefined ? {} : { minimum }) };
}
