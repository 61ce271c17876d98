/** What refers to an image: as the registry lists it, or under the tag that clients keep where it lists none. */
import Type from "typebox";
import { Compile } from "typebox/compile";
import { formatReference, type Reference } from "../reference.ts";
import { endpointOf } from "./endpoint.ts";
import type { RegistryClient } from "./open-client.ts";
import type { ListedReferrer } from "./referrer.ts";

const validator = Compile(
  Type.Object({
    manifests: Type.Array(
      Type.Object({ digest: Type.String({ pattern: "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$" }) }),
    ),
  }),
);
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const LIST_BYTES = 4 * 1_048_576;
/** Whoever may write to a repository may add to these. */
const MOST_REFERRERS = 1_000;

/**
 * Distribution spec 1.1, "Listing Referrers" and "Referrers Tag Schema".
 * @returns the descriptors as the registry has them. @throws PropError those of `AskRegistry`
 */
export async function listReferrers(
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  subject: string,
  { ask, mirrors, signal }: RegistryClient & { signal: AbortSignal },
): Promise<(ListedReferrer & Record<string, unknown>)[]> {
  for (const path of [`referrers/${subject}`, `manifests/${subject.replace(":", "-")}`]) {
    const { status, bytes } = await ask({
      endpoint: endpointOf(registry, mirrors),
      repository,
      image: formatReference({ registry, repository, digest: subject }),
      signal,
      path,
      accept: INDEX_TYPE,
      expected: [200, 404],
      maxBytes: LIST_BYTES,
    });
    const index = status === 200 ? parsed(bytes) : undefined;
    if (validator.Check(index)) return index.manifests.slice(0, MOST_REFERRERS).map((one) => ({ ...one }));
  }
  return [];
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
