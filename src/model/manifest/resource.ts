/** An object as it is shown: a manifest that makes the like of it, and how it stands. */
import { API_VERSION } from "./fields.ts";
import type { Kind, Manifest } from "./kinds.ts";
import type { ManifestRecord } from "./record.ts";

export const DEFAULT_NAMESPACE = "default";

/** How an object stands; which of the fields there are depends on its kind. */
export interface ResourceStatus {
  /** State of a task, a job or a workflow; of a proplet, Ready, Cordoned, Draining, Offline or Declared. */
  phase: string;
  message?: string;
  propletId?: string;
  attempt?: number;
  results?: unknown;
  startTime?: string;
  finishTime?: string;
  nextRun?: string;
  /** Of a job or a workflow. */
  tasks?: number;
  ended?: number;
  /** Of a function. */
  revision?: number;
  taskId?: string;
  /** Of a proplet. */
  taskCount?: number;
  lastSeen?: string;
  deviceType?: string;
  capabilities?: string[];
  runtime?: string;
}

export interface Resource {
  apiVersion: typeof API_VERSION;
  kind: Kind;
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    creationTimestamp: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Manifest["spec"];
  status: ResourceStatus;
}

/** An object of the manager, whether a manifest made it or not. */
export interface ObjectView {
  id: string;
  /** RFC 3339. */
  createdAt: string;
  /** The spec that would make it. */
  spec(): Promise<Manifest["spec"]> | Manifest["spec"];
  status: ResourceStatus;
}

/** `object` as a resource: by the words of the manifest that made it, else by its id. */
export async function resourceOf(
  kind: Kind,
  object: ObjectView,
  record: ManifestRecord | undefined,
): Promise<Resource> {
  const { labels, annotations } = record ?? {};
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name: record?.name ?? object.id,
      namespace: record?.namespace ?? DEFAULT_NAMESPACE,
      uid: object.id,
      creationTimestamp: object.createdAt,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: record?.spec ?? (await object.spec()),
    status: object.status,
  };
}
