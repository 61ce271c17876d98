/** Manifests through the typed client [E]. */
import type { Page } from "../manager/manager.ts";
import { type Kind, type Manifest, pluralOf } from "../model/manifest/kinds.ts";
import type { ManifestKey } from "../model/manifest/record.ts";
import { DEFAULT_NAMESPACE } from "../model/manifest/resource.ts";
import type { Call } from "./client-request.ts";
import type { ResourcePage, WireApplied, WireResource } from "./wire-manifests.ts";

type Caller = <T>(path: string, how?: Call) => Promise<T>;

interface Dry {
  /** Tell what would change, and change nothing. */
  dryRun?: boolean;
}

export function manifestsClient(call: Caller) {
  const at = ({ kind, namespace, name }: ManifestKey) =>
    `/manifests/${pluralOf(kind)}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  const query = ({ dryRun }: Dry) => (dryRun ? { dryRun } : {});
  return {
    apply: (manifest: Manifest, how: Dry = {}) => {
      const { kind, metadata } = manifest;
      const { name, namespace = DEFAULT_NAMESPACE } = metadata;
      return call<WireApplied>(at({ kind, namespace, name }), {
        method: "PUT",
        json: manifest,
        query: query(how),
      });
    },
    get: (key: ManifestKey) => call<WireResource>(at(key)),
    list: (kind: Kind, page: Partial<Page> = {}) =>
      call<ResourcePage>(`/manifests/${pluralOf(kind)}`, { query: { ...page } }),
    delete: (key: ManifestKey, how: Dry = {}) => call<void>(at(key), { method: "DELETE", query: query(how) }),
  };
}
