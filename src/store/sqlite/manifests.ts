/** Manifests that were applied. The schema's triggers delete one with the object it made. */
import type { Database } from "better-sqlite3";
import type { Kind } from "../../model/manifest/kinds.ts";
import type { ManifestKey, ManifestRecord } from "../../model/manifest/record.ts";

interface Body {
  body: string;
}

export function manifestTable(database: Database) {
  const put = database.prepare<[string, string, string, string, number, string]>(
    "REPLACE INTO manifests (kind, namespace, name, object_id, unfinished, body) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const key = "kind = ? AND namespace = ? AND name = ?";
  const remove = database.prepare<[string, string, string]>(`DELETE FROM manifests WHERE ${key}`);
  const one = database.prepare<[string, string, string], Body>(`SELECT body FROM manifests WHERE ${key}`);
  const ofKind = database.prepare<[string], Body>(
    "SELECT body FROM manifests WHERE kind = ? ORDER BY namespace, name",
  );
  const ofObject = database.prepare<[string, string], Body>(
    "SELECT body FROM manifests WHERE kind = ? AND object_id = ?",
  );
  const unfinished = database.prepare<[], Body>("SELECT body FROM manifests WHERE unfinished = 1");
  const parse = ({ body }: Body) => JSON.parse(body) as ManifestRecord;
  return {
    put(record: ManifestRecord) {
      const { kind, namespace, name, object_id, starting, retiring } = record;
      const isUnfinished = starting === undefined && retiring === undefined ? 0 : 1;
      put.run(kind, namespace, name, object_id, isUnfinished, JSON.stringify(record));
    },
    remove({ kind, namespace, name }: ManifestKey) {
      remove.run(kind, namespace, name);
    },
    one: ({ kind, namespace, name }: ManifestKey): ManifestRecord | undefined =>
      one.all(kind, namespace, name).map(parse)[0],
    ofKind: (kind: Kind) => ofKind.all(kind).map(parse),
    ofObjects: (kind: Kind, ids: readonly string[]) => ids.flatMap((id) => ofObject.all(kind, id).map(parse)),
    unfinished: () => unfinished.all().map(parse),
  };
}
