/** Pushes what refers to an image: listed by the registry, or under a tag of the image where it lists none. */
import { digestOf } from "../digest.ts";
import type { Reference } from "../reference.ts";
import { blobOf } from "./blob.ts";
import { endpointOf } from "./endpoint.ts";
import { type PushOptions, pushArtifact } from "./push.ts";

export interface Referrer {
  /** Of what it is: `application/vnd.dev.sigstore.bundle.v0.3+json`. */
  artifactType: string;
  /** The manifest it refers to. */
  subject: { mediaType: string; digest: string; size: number };
  /** The one thing in it, of the same type. */
  content: Uint8Array;
  annotations: Readonly<Record<string, string>>;
}

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const EMPTY = { type: "application/vnd.oci.empty.v1+json", bytes: Buffer.from("{}") };
const MANIFEST_BYTES = 4 * 1_048_576;

/** @returns the digest of its manifest. @throws PropError those of `pushArtifact` */
export async function pushReferrer(
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  { artifactType, subject, content, annotations }: Referrer,
  options: PushOptions,
): Promise<string> {
  const [config, layer] = [blobOf(EMPTY.bytes), blobOf(content)];
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType,
      config: { mediaType: EMPTY.type, digest: config.digest, size: config.sizeBytes },
      layers: [{ mediaType: artifactType, digest: layer.digest, size: layer.sizeBytes }],
      subject,
      annotations,
    }),
  );
  const digest = digestOf(manifest);
  const reference = { registry, repository, digest };
  const { listsReferrers } = await pushArtifact(
    reference,
    { mediaType: MANIFEST_TYPE, manifest, blobs: [config, layer] },
    options,
  );
  if (!listsReferrers) {
    const descriptor = {
      mediaType: MANIFEST_TYPE,
      digest,
      size: manifest.byteLength,
      artifactType,
      annotations,
    };
    await addToReferrersTag({ registry, repository }, subject.digest, descriptor, options);
  }
  return digest;
}

export interface ListedReferrer {
  digest: string;
}

/** Distribution spec 1.1, "Referrers Tag Schema": whoever pushes keeps the list. Two at once may lose one of them there. */
export async function addToReferrersTag(
  { registry, repository }: Pick<Reference, "registry" | "repository">,
  subject: string,
  descriptor: ListedReferrer & Record<string, unknown>,
  options: PushOptions,
): Promise<void> {
  const { ask, mirrors, signal } = options;
  const tag = subject.replace(":", "-");
  const { status, bytes } = await ask({
    endpoint: endpointOf(registry, mirrors),
    repository,
    image: `${registry}/${repository}:${tag}`,
    signal,
    path: `manifests/${tag}`,
    accept: INDEX_TYPE,
    expected: [200, 404],
    maxBytes: MANIFEST_BYTES,
  });
  const others = status === 200 ? listedIn(bytes).filter(({ digest }) => digest !== descriptor.digest) : [];
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...others, descriptor] };
  const manifest = Buffer.from(JSON.stringify(index));
  await pushArtifact({ registry, repository, tag }, { mediaType: INDEX_TYPE, manifest, blobs: [] }, options);
}

function listedIn(bytes: Uint8Array): ListedReferrer[] {
  const index: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  const isIndex = index !== null && typeof index === "object" && "manifests" in index;
  return isIndex && Array.isArray(index.manifests) ? index.manifests : [];
}
