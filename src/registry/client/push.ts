/** Pushes an image: its blobs side by side, then the manifest that names them (OCI distribution spec 1.1). */
import { PropError } from "../../errors.ts";
import { digestOf } from "../digest.ts";
import { formatReference, type Reference } from "../reference.ts";
import type { Blob } from "./blob.ts";
import { endpointOf, type Mirrors } from "./endpoint.ts";
import type { AskRegistry } from "./request.ts";
import { type UploadTarget, uploadBlob } from "./upload.ts";

export interface PushOptions {
  ask: AskRegistry;
  mirrors: Mirrors;
  signal: AbortSignal;
  /** Of all blobs together. */
  onProgress?: (sentBytes: number, totalBytes: number) => void;
}

export interface Artifact {
  mediaType: string;
  /** As it is sent: its digest is the image's. */
  manifest: Uint8Array;
  blobs: Blob[];
  /** Another repository of the same registry that has the blobs. */
  mountFrom?: string;
}

export interface PushedImage {
  digest: string;
  /** Of all that had to be sent. */
  sentBytes: number;
  /** The registry says that it lists the image among the referrers of its subject. */
  listsReferrers: boolean;
}

const AT_ONCE = 4;
const ANSWER_BYTES = 65_536;

/** @throws PropError those of `AskRegistry`, `UPLOAD_REFUSED`, `DIGEST_MISMATCH` */
export async function pushArtifact(
  reference: Reference,
  { mediaType, manifest, blobs, mountFrom }: Artifact,
  { ask, mirrors, signal, onProgress }: PushOptions,
): Promise<PushedImage> {
  const endpoint = endpointOf(reference.registry, mirrors);
  const stop = new AbortController();
  const target: UploadTarget = {
    ask,
    endpoint,
    repository: reference.repository,
    image: formatReference(reference),
    signal: AbortSignal.any([signal, stop.signal]),
  };
  const totalBytes = blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const progress = new Map<string, number>();
  const report = (digest: string, bytes: number) => {
    progress.set(digest, bytes);
    onProgress?.(
      [...progress.values()].reduce((sum, one) => sum + one, 0),
      totalBytes,
    );
  };
  let sentBytes = 0;
  const waiting = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  async function work(): Promise<void> {
    for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
      const { digest, sizeBytes } = blob;
      const mount = mountFrom === undefined ? {} : { mountFrom };
      const done = await uploadBlob(target, blob, { ...mount, onProgress: (bytes) => report(digest, bytes) });
      if (done === "sent") sentBytes += sizeBytes;
      report(digest, sizeBytes);
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    // The others needn't go on.
    stop.abort(error);
    throw error;
  }
  return { ...(await putManifest(target, whichOf(reference, manifest), { mediaType, manifest })), sentBytes };
}

async function putManifest(
  { ask, ...target }: UploadTarget,
  which: string,
  { mediaType, manifest }: Pick<Artifact, "mediaType" | "manifest">,
): Promise<Omit<PushedImage, "sentBytes">> {
  const digest = digestOf(manifest);
  const { headers } = await ask({
    ...target,
    method: "PUT",
    path: `manifests/${which}`,
    headers: { "content-type": mediaType },
    body: manifest,
    expected: [201],
    maxBytes: ANSWER_BYTES,
  });
  const said = headers.get("docker-content-digest");
  const listsReferrers = headers.has("oci-subject");
  if (said === null || said === digest || !said.startsWith("sha256:")) return { digest, listsReferrers };
  throw new PropError({
    code: "DIGEST_MISMATCH",
    message: `image ${target.image}: the registry keeps ${said} of a manifest that is ${digest}`,
  });
}

function whichOf({ tag, digest }: Reference, manifest: Uint8Array): string {
  return tag ?? digest ?? digestOf(manifest);
}
