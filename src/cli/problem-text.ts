/** What is wrong with a field that somebody wrote, on one line. */
import type { Problem } from "../model/manifest/check-schema.ts";
import { pathText } from "../model/manifest/path-text.ts";
import { nearest } from "./nearest.ts";

/** `spec.preferedPropletType is unknown. Did you mean preferredPropletType?` */
export function problemText({ path, what, mistyped }: Problem): string {
  const said = path.length === 0 ? what : `${pathText(path)} ${what}`;
  if (mistyped === undefined) return said;
  const found = nearest(mistyped.word, mistyped.known);
  if (found !== undefined) return `${said}. Did you mean ${found}?`;
  return mistyped.otherwise === undefined ? said : `${said}. ${mistyped.otherwise}`;
}
