/** The objects that a command is about: all of some kinds, or those that it names. */
import type { Client, WireResource } from "../api/client.ts";
import { type Kind, kinds } from "../model/manifest/kinds.ts";
import { DEFAULT_NAMESPACE } from "../model/manifest/resource.ts";
import { kindOfWord } from "./flags.ts";

/** Undefined for those of all namespaces. */
type Namespace = string | undefined;

const PAGE = 1_000;

/** `all`, `tasks`, `task hello`, `tasks,functions`. @throws PropError `USAGE`, `TASK_NOT_FOUND` and the like */
export async function findResources(
  client: Pick<Client, "manifests">,
  words: string,
  names: readonly string[],
  namespace: Namespace,
): Promise<{ kind: Kind; resources: WireResource[] }[]> {
  const wanted = words === "all" ? kinds : words.split(",").map(kindOfWord);
  const found: { kind: Kind; resources: WireResource[] }[] = [];
  for (const kind of wanted) {
    const resources =
      names.length === 0
        ? await listAll(client, kind, namespace)
        : await Promise.all(
            names.map((name) =>
              client.manifests.get({ kind, namespace: namespace ?? DEFAULT_NAMESPACE, name }),
            ),
          );
    found.push({ kind, resources });
  }
  return found;
}

async function listAll(
  client: Pick<Client, "manifests">,
  kind: Kind,
  namespace: Namespace,
): Promise<WireResource[]> {
  const found: WireResource[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const { items, total } = await client.manifests.list(kind, { offset, limit: PAGE });
    found.push(
      ...items.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    );
    if (items.length === 0 || offset + items.length >= total) return found;
  }
}
