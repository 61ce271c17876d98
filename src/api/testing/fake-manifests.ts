/** Manifests that are taken and make nothing. */
import { PropError } from "../../errors.ts";
import type { Manifests } from "../../manager/manager.ts";

export function fakeManifests(called: (name: string, ...args: unknown[]) => void): Manifests {
  return {
    async apply(manifest, options) {
      called("applyManifest", manifest, options);
      return { outcome: "created", object_id: "1", changes: [], warnings: [] };
    },
    async get({ kind, name }) {
      throw new PropError({
        code: `${kind.toUpperCase()}_NOT_FOUND`,
        message: `there is no ${kind} ${name}`,
      });
    },
    list: async () => ({ total: 0, items: [] }),
    async delete(key, options) {
      called("deleteManifest", key, options);
    },
  };
}
