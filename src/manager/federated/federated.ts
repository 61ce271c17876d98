/** Federated learning as clients see it: their requests go to the coordinator, an experiment starts its first round. */
import Type from "typebox";
import { Compile } from "typebox/compile";
import { messageOf, PropError } from "../../errors.ts";
import { Id } from "../../protocol/messages/fields.ts";
import type { Log } from "../log.ts";
import type { Federated } from "../manager.ts";
import { decodeCbor } from "./cbor.ts";
import type { Coordinator } from "./coordinator.ts";
import type { Rounds } from "./rounds.ts";

/** What a round needs of an experiment; all else is the coordinator's. */
const experiment = Compile(
  Type.Object({
    experiment_id: Type.Optional(Type.String()),
    round_id: Id,
    model_ref: Type.String({ minLength: 1 }),
    participants: Type.Array(Id, { minItems: 1 }),
    task_wasm_image: Type.String({ minLength: 1 }),
    hyperparams: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  }),
);

export interface FederatedDependencies {
  coordinator: Coordinator;
  rounds: Rounds;
  log: Log;
}

export function createFederated({ coordinator, rounds, log }: FederatedDependencies): Federated {
  return {
    checkCoordinator: coordinator.check,
    async forward(request) {
      const answer = await coordinator.forward(request);
      const isUnknown = NO_CBOR.includes(answer.status) && request.path === "/update_cbor";
      if (!isUnknown || request.body === undefined) return answer;
      const update = { method: "POST", path: "/update", contentType: "application/json" } as const;
      return coordinator.forward({ ...update, body: jsonOf(request.body) });
    },
    async configure(body) {
      const given = parse(body);
      const contentType = "application/json";
      const answer = await coordinator.forward({ method: "POST", path: "/experiments", contentType, body });
      if (answer.status >= 300) return answer;
      const { round_id, model_ref: model_uri, task_wasm_image, participants, hyperparams } = given;
      const round = { round_id, model_uri, task_wasm_image, participants };
      await rounds
        .start(hyperparams ? { ...round, hyperparams } : round)
        .catch((error: unknown) => log.error(`round ${round_id} did not start: ${messageOf(error)}`));
      return { ...answer, contentType, body: configured(answer.body, given) };
    },
  };
}

/** Coordinators of existing installations take JSON alone: their manager translates. */
const NO_CBOR = [404, 405, 415, 501];

function jsonOf(cbor: Uint8Array): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(decodeCbor(cbor)));
  } catch (error) {
    throw new PropError({ code: "UPDATE_INVALID", message: `the update can't be read: ${messageOf(error)}` });
  }
}

/** What existing clients read, whatever the coordinator answered beside it. */
function configured(
  answer: Uint8Array,
  { experiment_id = "", round_id }: { experiment_id?: string; round_id: string },
) {
  const said = readJson(answer);
  const more = said !== null && typeof said === "object" && !Array.isArray(said) ? said : {};
  return Buffer.from(JSON.stringify({ ...more, experiment_id, round_id, status: "configured" }));
}

function parse(body: Uint8Array) {
  const value = readJson(body);
  if (experiment.Check(value)) return value;
  const [first] = experiment.Errors(value);
  const field = first?.instancePath.slice(1).replaceAll("/", ".") ?? "";
  throw new PropError({
    code: "EXPERIMENT_INVALID",
    message: `${field === "" ? "the experiment" : field} ${first?.message ?? "is malformed"}`,
    hint: "an experiment has round_id, model_ref, task_wasm_image and participants",
  });
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}
