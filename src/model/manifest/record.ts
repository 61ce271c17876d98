/** What the manager keeps of a manifest that was applied: what it said, and the object it made. */
import type { Kind, Manifest } from "./kinds.ts";

/** What identifies a manifest. */
export interface ManifestKey {
  kind: Kind;
  namespace: string;
  name: string;
}

export interface ManifestRecord extends ManifestKey {
  /** Of the task, the job, the workflow, the proplet; the name of a function. */
  object_id: string;
  /** Modules are in it by their digest. */
  spec: Manifest["spec"];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** RFC 3339. */
  created_at: string;
  updated_at: string;
  /** Of a function: the revision that this manifest deployed. */
  revision?: number;
  /** The object is there and has not been started yet. */
  starting?: true;
  /** The object that this one took the place of, and that has not gone yet. */
  retiring?: string;
}

export function keyText({ kind, namespace, name }: ManifestKey): string {
  return `${kind}/${namespace}/${name}`;
}
