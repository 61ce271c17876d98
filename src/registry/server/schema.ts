/** The tables of a registry: which repository has what. Blobs are files beside them; manifests are in here. */
import Database from "better-sqlite3";

const TABLES = `
create table if not exists blobs (
  repository text not null,
  digest text not null,
  used_ms integer not null,
  primary key (repository, digest)
) without rowid;
create index if not exists blobs_by_digest on blobs (digest);
create table if not exists manifests (
  repository text not null,
  digest text not null,
  media_type text not null,
  artifact_type text,
  subject text,
  annotations text,
  bytes blob not null,
  primary key (repository, digest)
);
create index if not exists manifests_by_subject on manifests (repository, subject, digest) where subject is not null;
create table if not exists uses (
  repository text not null,
  manifest text not null,
  blob text not null,
  primary key (repository, blob, manifest)
) without rowid;
create index if not exists uses_by_manifest on uses (repository, manifest);
create table if not exists tags (
  repository text not null,
  tag text not null,
  digest text not null,
  primary key (repository, tag)
) without rowid;
create index if not exists tags_by_digest on tags (repository, digest);
`;

/** Opens the file, which may be of a process that was killed: what it acknowledged is there. */
export function openDatabase(path: string): Database.Database {
  const db = new Database(path);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  db.pragma("busy_timeout = 5000");
  // In one transaction: each would wait for the disk by itself.
  db.transaction(() => db.exec(TABLES)).immediate();
  return db;
}
