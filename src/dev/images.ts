/** What a manager brings its proplets from registries: pulled here, kept in a folder of bounded size. */
import type { Environment } from "../config/user-dirs.ts";
import { createImageSource, type ImageSource } from "../registry/client/image-source.ts";
import { openRegistryClient } from "../registry/client/open-client.ts";
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
  log: { warn: (message: string) => void };
}

const KEPT_BYTES = 2 * 1024 ** 3;

/** @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID` */
export async function openImages({ dir, mirrors, env, allowed, log }: ImagesOptions): Promise<ImageSource> {
  return createImageSource({
    ...openRegistryClient(mirrors, env, allowed),
    store: await openBoundedStore(dir, KEPT_BYTES),
    log,
  });
}
