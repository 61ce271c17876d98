/** What a manager brings its proplets from registries: pulled here, kept in a folder of bounded size. */
import { join } from "node:path";
import type { Environment } from "../config/user-dirs.ts";
import { credentialsFrom } from "../registry/client/credentials.ts";
import { parseMirrors } from "../registry/client/endpoint.ts";
import { createImageSource, type ImageSource } from "../registry/client/image-source.ts";
import { createAskRegistry } from "../registry/client/request.ts";
import { openBoundedStore } from "../registry/store/bounded-store.ts";

export interface ImagesOptions {
  /** Of the manager; the modules lie in `images` under it. */
  dataDir: string;
  /** `registry.example.com=http://127.0.0.1:5000` */
  mirrors: readonly string[];
  /** For the login of a registry. */
  env: Environment;
  log: { warn: (message: string) => void };
}

const KEPT_BYTES = 2 * 1024 ** 3;

/** @throws PropError `MIRROR_INVALID`, `CONFIG_INVALID` */
export async function openImages({ dataDir, mirrors, env, log }: ImagesOptions): Promise<ImageSource> {
  const credentials = credentialsFrom(env);
  return createImageSource({
    ask: createAskRegistry(credentials === undefined ? {} : { credentials }),
    mirrors: parseMirrors(mirrors),
    store: await openBoundedStore(join(dataDir, "images"), KEPT_BYTES),
    log,
  });
}
