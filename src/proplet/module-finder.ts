/** Finds the module of a start, wherever it says it is, and has it ready to run. */
import { messageOf, PropError } from "../errors.ts";
import { decodeBase64 } from "../protocol/base64.ts";
import type { Start } from "../protocol/messages/start.ts";
import { digestOf } from "../registry/digest.ts";
import type { ContentStore } from "../registry/store/content-store.ts";
import type { Log } from "../telemetry/logger.ts";
import type { ImageRequests } from "./image-requests.ts";
import type { Lease, PreparedModules } from "./prepared-modules.ts";

export interface ModuleFinderParts {
  modules: PreparedModules;
  contentStore: ContentStore;
  images: ImageRequests;
  download: (url: string) => Promise<Uint8Array>;
  log: Log;
}

/**
 * The module of a start: inline, by digest, from a URL or from a registry (wire contract, section 1).
 * @throws PropError `MODULE_MISSING`, `MODULE_BASE64`, `DIGEST_MISMATCH`, `IMAGE_UNREACHABLE`, `IMAGE_TOO_LARGE`,
 *   `IMAGE_UNAVAILABLE`, and those of the engine
 */
export type FindModule = (start: Start) => Lease | Promise<Lease>;

export function createModuleFinder(parts: ModuleFinderParts): FindModule {
  const { modules, contentStore, images, download, log } = parts;
  const fetching = new Map<string, Promise<Uint8Array>>();

  /** Those who want the same bytes at the same time wait for one transfer. */
  function shared(key: string, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = fetching.get(key);
    if (known !== undefined) return known;
    const transfer = fetch().finally(() => fetching.delete(key));
    fetching.set(key, transfer);
    return transfer;
  }

  function ready(bytes: Uint8Array, digest: string): Lease | Promise<Lease> {
    return modules.lease(digest) ?? modules.prepare(digest, bytes);
  }

  function inline(file: string, digest: string | undefined): Lease | Promise<Lease> {
    const bytes = decodeBase64(file);
    if (bytes === undefined) throw notBase64();
    const actual = digestOf(bytes);
    if (digest !== undefined && actual !== digest) throw mismatch(digest, actual);
    return ready(bytes, actual);
  }

  async function transfer(digest: string, imageUrl: string | undefined): Promise<Uint8Array> {
    const kept = await contentStore.get(digest);
    if (kept !== undefined) return kept;
    const bytes =
      imageUrl !== undefined && isHttp(imageUrl)
        ? await download(imageUrl)
        : await images.fetch({ appName: imageUrl ?? digest, digest });
    const actual = digestOf(bytes);
    if (actual !== digest) throw mismatch(digest, actual);
    await contentStore.put(bytes).catch((error: unknown) => {
      log.warn("a module can't be kept on disk: it is fetched again next time", {
        digest,
        reason: messageOf(error),
      });
    });
    return bytes;
  }

  async function byDigest(digest: string, imageUrl: string | undefined): Promise<Lease> {
    return ready(await shared(digest, () => transfer(digest, imageUrl)), digest);
  }

  async function byName(imageUrl: string): Promise<Lease> {
    const bytes = await shared(imageUrl, () =>
      isHttp(imageUrl) ? download(imageUrl) : images.fetch({ appName: imageUrl }),
    );
    return ready(bytes, digestOf(bytes));
  }

  return ({ id, file, digest, image_url }) => {
    const known = digest === undefined ? undefined : modules.lease(digest);
    if (known !== undefined) return known;
    if (file !== undefined && file !== "") return inline(file, digest);
    const imageUrl = image_url === "" ? undefined : image_url;
    if (digest !== undefined) return byDigest(digest, imageUrl);
    if (imageUrl !== undefined) return byName(imageUrl);
    throw new PropError({
      code: "MODULE_MISSING",
      message: `task ${id} has no module: its start carries neither file nor image_url`,
    });
  };
}

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function notBase64(): PropError {
  return new PropError({ code: "MODULE_BASE64", message: "the module in `file` is not base64" });
}

function mismatch(digest: string, actual: string): PropError {
  return new PropError({
    code: "DIGEST_MISMATCH",
    message: `the module is not what was asked for: expected ${digest}, got ${actual}`,
  });
}
