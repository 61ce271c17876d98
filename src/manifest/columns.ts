/** Objects as rows of a table, for each kind its own columns. */
import type { WireResource } from "../api/client.ts";
import { ageText } from "../cli/time-text.ts";
import type { Kind } from "../model/manifest/kinds.ts";

type Column = readonly [title: string, value: (resource: WireResource, nowMs: number) => string];

const age: Column = ["age", ({ metadata }, nowMs) => ageText(metadata.creationTimestamp, nowMs)];
const phase: Column = ["phase", ({ status }) => status.phase];
const proplet: Column = ["proplet", ({ status }) => status.propletId ?? ""];
const done: Column = ["done", ({ status: { tasks = 0, ended = 0 } }) => `${ended}/${tasks}`];
const uid: Column = ["uid", ({ metadata }) => metadata.uid];
const message: Column = ["message", ({ status }) => status.message ?? ""];

const columns: Readonly<Record<Kind, readonly Column[]>> = {
  Task: [["task", taskName], phase, proplet, ["attempts", ({ status }) => String(status.attempt ?? 0)], age],
  Job: [phase, done, age],
  Workflow: [phase, done, age],
  Function: [["revision", ({ status }) => String(status.revision ?? "")], phase, proplet, age],
  Proplet: [
    ["type", ({ spec }) => ("type" in spec && typeof spec.type === "string" ? spec.type : "")],
    phase,
    ["device", ({ status }) => status.deviceType ?? ""],
    ["capabilities", ({ status }) => (status.capabilities ?? []).join(",")],
    ["tasks", ({ status }) => String(status.taskCount ?? 0)],
    ["heard", ({ status }, nowMs) => ageText(status.lastSeen, nowMs)],
  ],
};

const wide: Readonly<Record<Kind, readonly Column[]>> = {
  Task: [uid, message],
  Job: [uid, message],
  Workflow: [uid, message],
  Function: [["task", ({ status }) => status.taskId ?? ""], message],
  Proplet: [["runtime", ({ status }) => status.runtime ?? ""], age],
};

export interface TableOptions {
  /** More columns. */
  wide: boolean;
  /** Namespaces in a column of their own. */
  namespaces: boolean;
  /** Names with their kind: `task/hello`. */
  kinds: boolean;
  /** Milliseconds since 1970. */
  nowMs: number;
}

export function tableOf(
  kind: Kind,
  resources: readonly WireResource[],
  options: TableOptions,
): { head: string[]; rows: string[][] } {
  const shown: Column[] = [
    ...(options.namespaces ? [namespace] : []),
    ["name", ({ metadata }) => (options.kinds ? `${kind.toLowerCase()}/${metadata.name}` : metadata.name)],
    ...columns[kind],
    ...(options.wide ? wide[kind] : []),
  ];
  return {
    head: shown.map(([title]) => title),
    rows: resources.map((resource) => shown.map(([, value]) => value(resource, options.nowMs))),
  };
}

const namespace: Column = ["namespace", ({ metadata }) => metadata.namespace];

function taskName({ spec, metadata }: WireResource): string {
  return "name" in spec && typeof spec.name === "string" ? spec.name : metadata.name;
}
