/** Applies a Proplet of type external: what a device doesn't say of itself. */
import { isDeepStrictEqual } from "node:util";
import { PropError } from "../../errors.ts";
import type { PropletManifest, PropletSpec } from "../../model/manifest/proplet.ts";
import type { ManifestRecord } from "../../model/manifest/record.ts";
import { DEFAULT_NAMESPACE } from "../../model/manifest/resource.ts";
import type { Declaration } from "../../model/proplet.ts";
import type { Store } from "../../store/store.ts";
import type { Proplets } from "../manager.ts";
import type { State } from "../state/state.ts";
import type { Maker } from "./maker.ts";

export interface MakePropletDependencies {
  state: Pick<State, "proplets">;
  store: Store;
  proplets: Proplets;
  /** Base topic of the channel that this manager is on. */
  channel: string;
}

export function makeProplet(
  { metadata: { name, namespace = DEFAULT_NAMESPACE }, spec }: PropletManifest,
  { state, store, proplets, channel }: MakePropletDependencies,
): Maker {
  const declaration = declarationOf(spec);

  async function check(): Promise<void> {
    if (spec.type === "k8s") throw needsCluster(name);
    const [owner] = await store.manifestsOf("Proplet", [name]);
    if (owner !== undefined && owner.namespace !== namespace) {
      throw new PropError({
        code: "MANIFEST_INVALID",
        message: `proplet ${name} is declared already, by a manifest in namespace ${owner.namespace}`,
        hint: "A proplet's id is its name on the broker: give it another one.",
      });
    }
  }

  return {
    warnings: warningsOf(spec, channel),
    isCurrent: async () => isDeepStrictEqual(state.proplets.get(name)?.declared, declaration),
    check,
    async make(record) {
      await check();
      const next: ManifestRecord = { ...record, object_id: name };
      // Asked for in one turn, they are on disk in one group.
      const declared = proplets.declare(name, declaration);
      await Promise.all([declared, store.commit([{ kind: "manifest", manifest: next }])]);
      return next;
    },
  };
}

function declarationOf({ external = {} }: PropletSpec): Declaration {
  const { deviceType, capabilities, tags } = external;
  return {
    ...(deviceType === undefined ? {} : { device_type: deviceType }),
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(tags === undefined ? {} : { tags }),
  };
}

function warningsOf({ connectionConfig }: PropletSpec, channel: string): string[] {
  const { domainId, channelId } = connectionConfig ?? {};
  if (domainId === undefined || channelId === undefined) return [];
  const named = `m/${domainId}/c/${channelId}`;
  if (named === channel) return [];
  return [`connectionConfig names ${named}; this manager hears ${channel}, and the proplet only there`];
}

function needsCluster(name: string): PropError {
  return new PropError({
    code: "MANIFEST_INVALID",
    message: `proplet ${name} is of type k8s: pods that a Kubernetes cluster runs, which this manager is not`,
    hint: "It belongs on a cluster, where an operator watches these kinds. Here, start one with: prop proplet",
  });
}
