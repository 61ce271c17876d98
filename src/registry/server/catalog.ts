/** What each repository of a registry has: blobs, manifests, tags and referrers, in transactions. */
import { existsSync, rmSync } from "node:fs";
import type { Database } from "better-sqlite3";
import type { ParsedManifest } from "./parse-manifest.ts";
import { openDatabase } from "./schema.ts";

export interface StoredManifest {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

export interface Referrer {
  digest: string;
  mediaType: string;
  artifactType: string | null;
  annotations: string | null;
  sizeBytes: number;
}

export interface PageOptions {
  after: string;
  limit: number;
}

export type Catalog = ReturnType<typeof openCatalog>;

/** @param now milliseconds since 1970 */
export function openCatalog(path: string, now: () => number) {
  const db = openDatabase(path);
  const statements = prepare(db);
  const { blob, manifest, tag } = statements;

  const putManifest = db.transaction(
    (repository: string, digest: string, mediaType: string, bytes: Uint8Array, parsed: ParsedManifest) => {
      const missing = parsed.blobs.find((needed) => blob.find.get(repository, needed) === undefined);
      if (missing !== undefined) return missing;
      const { artifactType = null, subject = null, annotations } = parsed;
      const noted = annotations === undefined ? null : JSON.stringify(annotations);
      manifest.put.run({ repository, digest, mediaType, artifactType, subject, annotations: noted, bytes });
      manifest.forget.run(repository, digest);
      for (const needed of parsed.blobs) manifest.use.run(repository, digest, needed);
      return undefined;
    },
  );
  const deleteManifest = db.transaction((repository: string, digest: string) => {
    tag.deleteOf.run(repository, digest);
    manifest.forget.run(repository, digest);
    return manifest.delete.run(repository, digest).changes > 0;
  });
  const link = db.transaction((repository: string, digest: string, file: string) => {
    // The collector looks in a transaction too: what is seen here stays.
    if (!existsSync(file)) return false;
    blob.link.run(repository, digest, now());
    return true;
  });
  const removeFile = db.transaction((digest: string, file: string) => {
    if (blob.anywhere.get(digest) !== undefined) return false;
    rmSync(file, { force: true });
    return true;
  });

  return {
    blob: {
      has: (repository: string, digest: string) => blob.find.get(repository, digest) !== undefined,
      /** A repository that has it; any where none is asked for. */
      isIn: (digest: string, repository?: string) =>
        (repository === undefined ? blob.anywhere.get(digest) : blob.find.get(repository, digest)) !==
        undefined,
      /** Makes a blob, whose file is in place, the repository's. @returns false where the file is gone */
      link: (repository: string, digest: string, file: string): boolean =>
        link.immediate(repository, digest, file),
      /** Somebody looked at it: a manifest that needs it may follow. */
      touch: (repository: string, digest: string) =>
        void blob.touch.run({ nowMs: now(), repository, digest }),
      unlink: (repository: string, digest: string) => blob.unlink.run(repository, digest).changes > 0,
      /** Forgets blobs that no manifest uses and nobody looked at since. @returns how many */
      unlinkUnused: (beforeMs: number) => blob.unlinkUnused.run(beforeMs).changes,
      /** Removes the file of a blob that no repository has. @returns whether it did */
      removeFile: (digest: string, file: string): boolean => removeFile.immediate(digest, file),
    },
    manifest: {
      /** By digest or tag. */
      find(repository: string, reference: string): StoredManifest | undefined {
        return (reference.includes(":") ? manifest.byDigest : manifest.byTag).get(repository, reference);
      },
      /** @returns a blob that it needs and the repository does not have: then nothing is written */
      put: (...args: Parameters<typeof putManifest>) => putManifest.immediate(...args),
      /** With its tags. @returns whether it was there */
      delete: (repository: string, digest: string) => deleteManifest.immediate(repository, digest),
      referrers: (repository: string, subject: string, { after, limit }: PageOptions): Referrer[] =>
        manifest.referrers.all(repository, subject, after, limit),
    },
    tag: {
      set: (repository: string, name: string, digest: string) => void tag.set.run(repository, name, digest),
      delete: (repository: string, name: string) => tag.delete.run(repository, name).changes > 0,
      list: (repository: string, { after, limit }: PageOptions) =>
        tag.list.all(repository, after, limit).map((row) => row.tag),
    },
    hasRepository: (name: string) => statements.hasRepository.get({ name }) !== undefined,
    repositories: ({ after, limit }: PageOptions) =>
      statements.repositories.all({ after, limit }).map((row) => row.repository),
    close: () => void db.close(),
  };
}

function prepare(db: Database) {
  const manifestColumns = "digest, media_type as mediaType, bytes";
  return {
    blob: {
      find: db.prepare<[string, string]>("select 1 from blobs where repository = ? and digest = ?"),
      anywhere: db.prepare<[string]>("select 1 from blobs where digest = ? limit 1"),
      link: db.prepare<[string, string, number]>("insert or replace into blobs values (?, ?, ?)"),
      touch: db.prepare<[{ nowMs: number; repository: string; digest: string }]>(
        `update blobs set used_ms = :nowMs
         where repository = :repository and digest = :digest and used_ms < :nowMs - 60000`,
      ),
      unlink: db.prepare<[string, string]>("delete from blobs where repository = ? and digest = ?"),
      unlinkUnused: db.prepare<[number]>(
        `delete from blobs where used_ms < ? and not exists
         (select 1 from uses where uses.repository = blobs.repository and uses.blob = blobs.digest)`,
      ),
    },
    manifest: {
      byDigest: db.prepare<[string, string], StoredManifest>(
        `select ${manifestColumns} from manifests where repository = ? and digest = ?`,
      ),
      byTag: db.prepare<[string, string], StoredManifest>(
        `select manifests.${manifestColumns} from tags join manifests using (repository, digest)
         where repository = ? and tag = ?`,
      ),
      put: db.prepare<[Record<string, string | Uint8Array | null>]>(
        `insert or replace into manifests
         values (:repository, :digest, :mediaType, :artifactType, :subject, :annotations, :bytes)`,
      ),
      forget: db.prepare<[string, string]>("delete from uses where repository = ? and manifest = ?"),
      use: db.prepare<[string, string, string]>("insert or ignore into uses values (?, ?, ?)"),
      delete: db.prepare<[string, string]>("delete from manifests where repository = ? and digest = ?"),
      referrers: db.prepare<[string, string, string, number], Referrer>(
        `select digest, media_type as mediaType, artifact_type as artifactType, annotations, length(bytes) as sizeBytes
         from manifests where repository = ? and subject = ? and digest > ? order by digest limit ?`,
      ),
    },
    tag: {
      set: db.prepare<[string, string, string]>("insert or replace into tags values (?, ?, ?)"),
      delete: db.prepare<[string, string]>("delete from tags where repository = ? and tag = ?"),
      deleteOf: db.prepare<[string, string]>("delete from tags where repository = ? and digest = ?"),
      list: db.prepare<[string, string, number], { tag: string }>(
        "select tag from tags where repository = ? and tag > ? order by tag limit ?",
      ),
    },
    hasRepository: db.prepare<[{ name: string }]>(
      `select 1 from manifests where repository = :name
       union all select 1 from blobs where repository = :name limit 1`,
    ),
    repositories: db.prepare<[PageOptions], { repository: string }>(
      `select distinct repository from manifests where repository > :after order by repository limit :limit`,
    ),
  };
}
