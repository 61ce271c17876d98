/** What identifies a manifest: its kind, its namespace, its name. */
import type { Manifest } from "../model/manifest/kinds.ts";
import type { ManifestKey } from "../model/manifest/record.ts";
import { DEFAULT_NAMESPACE } from "../model/manifest/resource.ts";

export function keyOf({ kind, metadata: { name, namespace = DEFAULT_NAMESPACE } }: Manifest): ManifestKey {
  return { kind, namespace, name };
}

/** `manifest` in `namespace`, unless it names one itself. */
export function placeIn(manifest: Manifest, namespace: string): Manifest {
  return { ...manifest, metadata: { namespace, ...manifest.metadata } };
}

/** `task/hello`, as commands name an object; the namespace where it is another than the usual one. */
export function nameText({ kind, namespace, name }: ManifestKey): string {
  const at = namespace === DEFAULT_NAMESPACE ? "" : `${namespace}/`;
  return `${kind.toLowerCase()}/${at}${name}`;
}
