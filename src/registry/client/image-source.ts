/** Modules of images, pulled once for all who ask and kept by their digest. */
import { messageOf, PropError } from "../../errors.ts";
import { formatReference, parseReference, type Reference } from "../reference.ts";
import type { ContentStore } from "../store/content-store.ts";
import type { Mirrors } from "./endpoint.ts";
import { askManifestDigest, type PullOptions, pullModule } from "./pull.ts";
import { UNREACHABLE } from "./refusal.ts";
import type { AskRegistry } from "./request.ts";

export interface ImageSourceOptions {
  ask: AskRegistry;
  mirrors: Mirrors;
  store: ContentStore;
  log: { warn: (message: string) => void };
  /** Of a module. 100 MiB by default. */
  maxBytes?: number;
  /** Asked of each image by its digest before it is pulled; what it throws is why the image is not. */
  verify?: (image: Reference, signal: AbortSignal) => Promise<void>;
}

/** An image as it was found: the same bytes for as long as it is asked for by `pinned`. */
export interface Image {
  /** The reference with the digest of its manifest in place of its tag. */
  pinned: string;
  digest: string;
  sizeBytes: number;
  component?: true;
}

export interface ImageSource {
  /** What a reference stands for now; its bytes are there then. @throws PropError those of `parseReference`, `pullModule` */
  resolve(reference: string): Promise<Image>;
  /** The bytes of a module, pulled by `reference` where they are kept no more. @throws PropError as `resolve`, `DIGEST_MISMATCH` */
  bytes(digest: string, reference: string): Promise<Uint8Array>;
  /** Ends what is under way. */
  close(): void;
}

const MAX_BYTES = 100 * 1_048_576;
const IMAGES_KNOWN = 1_000;

interface Known extends Image {
  manifestDigest: string;
}

export function createImageSource(options: ImageSourceOptions): ImageSource {
  const { ask, mirrors, store, log, maxBytes = MAX_BYTES, verify } = options;
  const closing = new AbortController();
  const pulling: PullOptions = { ask, mirrors, maxBytes, signal: closing.signal, kept: store };
  const known = new Map<string, Known>();
  const resolving = new Map<string, Promise<Known>>();
  const reading = new Map<string, Promise<Uint8Array>>();

  /** Without a transfer, where the registry says that a tag stands for what it stood for. */
  async function unchanged(reference: Reference): Promise<Known | undefined> {
    const before = known.get(formatReference(reference));
    if (before === undefined || !(await store.has(before.digest))) return undefined;
    if (reference.digest !== undefined) return before;
    const now = await askManifestDigest(reference, pulling).catch((error: unknown) => {
      // What a registry refuses shows, in its own words, when the manifest itself is asked for.
      if (error instanceof PropError && error.code !== UNREACHABLE) return undefined;
      throw error;
    });
    return now === before.manifestDigest ? before : undefined;
  }

  /** The image as it is now: what is pulled is what was checked, though its tag moves. */
  async function verified(reference: Reference): Promise<Reference> {
    if (verify === undefined) return reference;
    const digest = reference.digest ?? (await askManifestDigest(reference, pulling));
    const image = digest === undefined ? reference : { ...reference, digest };
    await verify(image, closing.signal);
    return image;
  }

  async function pull(reference: Reference): Promise<{ image: Known; bytes: Uint8Array }> {
    const { digest, bytes, manifestDigest } = await pullModule(await verified(reference), pulling);
    await store.put(bytes).catch((error: unknown) => {
      log.warn(`module ${digest} can't be kept: it is pulled again when it is wanted: ${messageOf(error)}`);
    });
    const { registry, repository } = reference;
    const pinned = formatReference({ registry, repository, digest: manifestDigest });
    const component = bytes[6] === 1 ? { component: true as const } : {};
    const image = { pinned, digest, sizeBytes: bytes.byteLength, manifestDigest, ...component };
    if (known.size >= IMAGES_KNOWN) known.clear();
    known.set(formatReference(reference), image);
    return { image, bytes };
  }

  return {
    async resolve(text) {
      const reference = parseReference(text);
      const find = async () => (await unchanged(reference)) ?? (await pull(reference)).image;
      const { manifestDigest: _, ...image } = await shared(resolving, formatReference(reference), find);
      return image;
    },
    bytes(digest, text) {
      return shared(reading, digest, async () => {
        const kept = await store.get(digest);
        if (kept !== undefined) return kept;
        const { bytes, image } = await pull(parseReference(text));
        if (image.digest === digest) return bytes;
        throw new PropError({
          code: "DIGEST_MISMATCH",
          message: `image ${text}: its module is not ${digest} any more, but ${image.digest}`,
        });
      });
    },
    close: () => closing.abort(new Error("the images were closed")),
  };
}

/** Those who want the same at the same time wait for one. */
function shared<T>(underWay: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const running = underWay.get(key);
  if (running !== undefined) return running;
  const started = work().finally(() => underWay.delete(key));
  underWay.set(key, started);
  return started;
}
