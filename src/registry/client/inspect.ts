/** What an image is, without its layers. */
import { digestOf } from "../digest.ts";
import { chooseLayer, chooseManifest, type Descriptor, MANIFEST_TYPES, parseManifest } from "../manifest.ts";
import { formatReference, type Reference } from "../reference.ts";
import { endpointOf } from "./endpoint.ts";
import type { RegistryClient } from "./open-client.ts";

export interface InspectedImage {
  image: string;
  /** Of the manifest that the reference stands for: an index, or an image. */
  digest: string;
  media_type: string;
  /** Of an index: what is in it. */
  manifests?: Descriptor[];
  layers: Descriptor[];
  /** Digest of the layer that is the module. */
  module?: string;
  annotations: Record<string, string>;
}

const MANIFEST_BYTES = 4 * 1_048_576;

/** @throws PropError those of `AskRegistry` */
export async function inspectImage(
  reference: Reference,
  { ask, mirrors, signal }: RegistryClient & { signal: AbortSignal },
): Promise<InspectedImage> {
  const endpoint = endpointOf(reference.registry, mirrors);
  const image = formatReference(reference);
  const fetchManifest = async (which: string) => {
    const path = `manifests/${which}`;
    const where = { endpoint, repository: reference.repository, image, signal, path };
    const { headers, bytes } = await ask({ ...where, accept: MANIFEST_TYPES, maxBytes: MANIFEST_BYTES });
    return { bytes, mediaType: headers.get("content-type") ?? "", manifest: parseManifest(bytes) };
  };
  const { bytes, mediaType, manifest } = await fetchManifest(reference.digest ?? reference.tag ?? "latest");
  const head = { image, digest: digestOf(bytes), media_type: mediaType };
  if (manifest.type !== "index") return { ...head, ...contentsOf(bytes) };
  const chosen = chooseManifest(manifest.manifests);
  const contents = chosen === undefined ? nothing : contentsOf((await fetchManifest(chosen.digest)).bytes);
  return { ...head, manifests: manifest.manifests, ...contents };
}

const nothing = { layers: [], annotations: {} };

function contentsOf(bytes: Uint8Array): Pick<InspectedImage, "layers" | "module" | "annotations"> {
  const manifest = parseManifest(bytes);
  if (manifest.type !== "image") return nothing;
  const module = chooseLayer(manifest.layers)?.digest;
  return {
    layers: manifest.layers,
    ...(module === undefined ? {} : { module }),
    annotations: manifest.annotations,
  };
}
