/** Pulls the module of an image from a registry (OCI distribution spec 1.1), every byte checked against its digest. */
import { createHash } from "node:crypto";
import { PropError } from "../../errors.ts";
import { digestOf } from "../digest.ts";
import {
  chooseLayer,
  chooseManifest,
  type Descriptor,
  MANIFEST_TYPES,
  parseManifest,
  platformsText,
} from "../manifest.ts";
import { formatReference, type Reference } from "../reference.ts";
import type { ContentStore } from "../store/content-store.ts";
import { type Endpoint, endpointOf, endpointText, type Mirrors } from "./endpoint.ts";
import type { AskRegistry } from "./request.ts";
import { unpackModule } from "./unpack.ts";

export interface PullOptions {
  ask: AskRegistry;
  mirrors: Mirrors;
  /** Of a layer as it comes, and of the module in it. */
  maxBytes: number;
  signal: AbortSignal;
  /** Looked at before a layer is fetched. */
  kept?: Pick<ContentStore, "get">;
}

export interface PulledModule {
  /** Of the module's bytes. */
  digest: string;
  bytes: Uint8Array;
  /** Of the manifest, or the index, that the reference stands for. */
  manifestDigest: string;
  /** In full, as it was asked for. */
  reference: string;
}

/** The spec has registries take manifests of this size at least (section "Pushing Manifests"). */
const MANIFEST_BYTES = 4 * 1_048_576;

/**
 * @throws PropError `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `IMAGE_TOO_LARGE`, `DIGEST_MISMATCH`, and those of `AskRegistry`,
 *   of which `REGISTRY_UNREACHABLE` may go by itself
 */
export async function pullModule(reference: Reference, options: PullOptions): Promise<PulledModule> {
  const from = sourceOf(reference, options);
  const { digest: manifestDigest, bytes: manifest } = await fetchManifest(from, whichOf(reference));
  const layer = await layerOf(from, manifest);
  if (layer.size > options.maxBytes) throw tooLarge(from, layer.size, options.maxBytes);
  const packed = (await options.kept?.get(layer.digest)) ?? (await fetchLayer(from, layer));
  const unpacked = await unpackModule(packed, options.maxBytes);
  if (!unpacked.ok) throw invalid(from, `its layer ${layer.digest} ${unpacked.reason}`);
  const bytes = unpacked.module;
  return { digest: digestOf(bytes), bytes, manifestDigest, reference: from.image };
}

/** The digest of what a tag stands for now, where the registry tells it without the manifest. */
export async function askManifestDigest(
  reference: Reference,
  options: PullOptions,
): Promise<string | undefined> {
  const { headers } = await askFor(sourceOf(reference, options), {
    method: "HEAD",
    path: `manifests/${whichOf(reference)}`,
    accept: MANIFEST_TYPES,
    maxBytes: MANIFEST_BYTES,
  });
  return headers.get("docker-content-digest") ?? undefined;
}

/**
 * The layer that is, or holds, the module of an image.
 * @throws PropError `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `DIGEST_MISMATCH`, and those of `AskRegistry`
 */
export async function findModuleLayer(
  reference: Reference,
  options: Omit<PullOptions, "maxBytes">,
): Promise<{ layer: Descriptor; manifestDigest: string; image: string }> {
  const from = sourceOf(reference, options);
  const { digest, bytes } = await fetchManifest(from, whichOf(reference));
  return { layer: await layerOf(from, bytes), manifestDigest: digest, image: from.image };
}

interface Source extends Omit<PullOptions, "maxBytes"> {
  image: string;
  endpoint: Endpoint;
  repository: string;
}

function sourceOf(reference: Reference, options: Omit<PullOptions, "maxBytes">): Source {
  return {
    ...options,
    image: formatReference(reference),
    endpoint: endpointOf(reference.registry, options.mirrors),
    repository: reference.repository,
  };
}

const whichOf = ({ digest, tag }: Reference): string => digest ?? tag ?? "latest";

function askFor(
  { ask, endpoint, repository, image, signal }: Source,
  what: { path: string; accept?: string; maxBytes: number; method?: "HEAD" },
) {
  return ask({ endpoint, repository, image, signal, ...what });
}

async function fetchManifest(from: Source, which: string): Promise<{ digest: string; bytes: Uint8Array }> {
  const { headers, bytes } = await askFor(from, {
    path: `manifests/${which}`,
    accept: MANIFEST_TYPES,
    maxBytes: MANIFEST_BYTES,
  });
  const said = which.includes(":") ? which : headers.get("docker-content-digest");
  if (said !== null) check(from, `manifest ${which}`, bytes, said);
  return { digest: said ?? digestOf(bytes), bytes };
}

/** An index leads to one image; an index within an index, to nothing. */
async function layerOf(from: Source, bytes: Uint8Array): Promise<Descriptor> {
  let manifest = parseManifest(bytes);
  if (manifest.type === "index") {
    const chosen = chooseManifest(manifest.manifests);
    if (chosen === undefined) {
      throw invalid(from, `it has no WebAssembly, only ${platformsText(manifest.manifests)}`);
    }
    manifest = parseManifest((await fetchManifest(from, chosen.digest)).bytes);
  }
  if (manifest.type === "malformed") throw invalid(from, manifest.reason);
  const layer = manifest.type === "image" ? chooseLayer(manifest.layers) : undefined;
  if (layer === undefined) throw invalid(from, "its index leads to another index");
  return layer;
}

async function fetchLayer(from: Source, { digest, size }: Descriptor): Promise<Uint8Array> {
  // A byte more than announced is enough to see that it is another one.
  const { bytes } = await askFor(from, { path: `blobs/${digest}`, maxBytes: size });
  check(from, `layer ${digest}`, bytes, digest);
  return bytes;
}

function check({ image, endpoint }: Source, what: string, bytes: Uint8Array, digest: string): void {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  const actual =
    algorithm === "sha512" ? `sha512:${createHash("sha512").update(bytes).digest("hex")}` : digestOf(bytes);
  if (actual === digest) return;
  throw new PropError({
    code: "DIGEST_MISMATCH",
    message: `image ${image}: what the registry ${endpointText(endpoint)} gave as ${what} is not ${digest}, but ${actual}`,
  });
}

function invalid({ image }: Source, reason: string): PropError {
  return new PropError({ code: "IMAGE_INVALID", message: `image ${image}: ${reason}` });
}

function tooLarge({ image }: Source, size: number, maxBytes: number): PropError {
  return new PropError({
    code: "IMAGE_TOO_LARGE",
    message: `image ${image}: its layer has ${size} bytes, more than ${maxBytes}`,
  });
}
