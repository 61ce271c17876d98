/** What a manager brings its proplets from registries: pulled here, kept in a folder of bounded size. */
import type { Environment } from "../config/user-dirs.ts";
import { createImageSource, type ImageSource } from "../registry/client/image-source.ts";
import { openRegistryClient } from "../registry/client/open-client.ts";
import type { Reference } from "../registry/reference.ts";
import { loadPublicKeys } from "../registry/signatures/load-keys.ts";
import { verifyImage } from "../registry/signatures/verify-image.ts";
import { openBoundedStore } from "../registry/store/bounded-store.ts";

export interface ImagesOptions {
  /** Of the modules; processes may share it. */
  dir: string;
  /** `registry.example.com=http://127.0.0.1:5000` */
  mirrors: readonly string[];
  /** For the login of a registry. */
  env: Environment;
  /** See `openRegistryClient`. */
  allowed?: readonly string[];
  /** Files of the public keys of which one must have signed an image; without any, none need be signed. */
  trustedKeys?: readonly string[];
  log: { warn: (message: string) => void };
}

const KEPT_BYTES = 2 * 1024 ** 3;

/** @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID`, `KEY_INVALID` */
export async function openImages(options: ImagesOptions): Promise<ImageSource> {
  const { dir, mirrors, env, allowed, trustedKeys = [], log } = options;
  const client = openRegistryClient(mirrors, env, allowed);
  const keys = await loadPublicKeys(trustedKeys);
  return createImageSource({
    ...client,
    ...(keys.length > 0 && {
      verify: async (image: Reference, signal: AbortSignal) => {
        await verifyImage(image, { ...client, keys, signal });
      },
    }),
    store: await openBoundedStore(dir, KEPT_BYTES),
    log,
  });
}
