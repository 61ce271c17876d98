/** What came of a blob before its transfer broke: kept by its digest, and taken up by whoever wants the blob next. */

import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { parseDigest } from "./blob-path.ts";

export interface PartialFile {
  /** Append to it; then `BlobStore.adopt` it, or leave it to the next. */
  path: string;
  /** What is there already. */
  sizeBytes: number;
}

/**
 * Claims the part of a blob that a process left when it ended, or begins an empty one. Its name carries the id of the
 * process that writes to it, so that two never write to the same one, and one that was killed holds nothing.
 * @param dir of partial files; on the disk of the store that adopts them
 * @param digest of the whole blob
 */
export async function claimPartial(dir: string, digest: string): Promise<PartialFile> {
  const parsed = parseDigest(digest);
  if (parsed === undefined) throw new TypeError(`not a digest: ${JSON.stringify(digest)}`);
  await mkdir(dir, { recursive: true });
  const prefix = `${parsed.algorithm}-${parsed.hex}.`;
  const own = join(dir, `${prefix}${process.pid}.${randomUUID()}`);
  for (const name of await readdir(dir)) {
    if (!name.startsWith(prefix) || !isAbandoned(name)) continue;
    if (await tryRename(join(dir, name), own)) return { path: own, sizeBytes: (await stat(own)).size };
  }
  return { path: own, sizeBytes: 0 };
}

/** Gives a part up: whoever wants the blob next takes it, this process too. */
export async function releasePartial(path: string): Promise<void> {
  await tryRename(path, path.replace(/\.\d+\.([^.]+)$/, ".0.$1"));
}

/** Removes parts that nobody writes to and nobody wanted since `beforeMs`. @returns their bytes */
export async function removeStalePartials(dir: string, beforeMs: number): Promise<number> {
  let removedBytes = 0;
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.mtimeMs >= beforeMs || !isAbandoned(name)) continue;
    await rm(path, { force: true });
    removedBytes += found.size;
  }
  return removedBytes;
}

function isAbandoned(name: string): boolean {
  const pid = Number(name.split(".")[1]);
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}

/** Of two that claim the same, the file system lets one have it. */
async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
