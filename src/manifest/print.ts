/** Objects as text that `prop apply` takes again. */
import { stringify } from "yaml";
import type { WireResource } from "../api/client.ts";

/** A document each. */
export function yamlOf(resources: readonly WireResource[]): string {
  const documents = resources.map((resource) => stringify(resource, { aliasDuplicateObjects: false }));
  return documents.join("---\n").trimEnd();
}

/** One object as it is; several as the list that kubectl makes of them. */
export function listOf(resources: readonly WireResource[], isOne: boolean): object {
  const [first] = resources;
  return isOne && first !== undefined ? first : { apiVersion: "v1", kind: "List", items: resources };
}
