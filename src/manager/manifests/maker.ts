/** What applying a manifest needs to know of its kind. */
import type { ManifestRecord } from "../../model/manifest/record.ts";

export interface Maker {
  /** Whether the object is still what the manifest of that record made. */
  isCurrent(record: ManifestRecord): Promise<boolean>;
  /** Refuses what making it would refuse, as far as that can be told before. */
  check(): Promise<void>;
  /** Makes the object and writes the record with it; `before` is the record whose object it takes the place of. */
  make(record: ManifestRecord, before: ManifestRecord | undefined): Promise<ManifestRecord>;
  /** What the user should know though nothing is wrong. */
  warnings: string[];
}
