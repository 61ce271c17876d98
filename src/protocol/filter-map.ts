/** A map from topic filters to values that finds all values whose filter matches a topic. */
import { isWildcard } from "./topic-filter.ts";

interface Node<T> {
  next: Map<string, Node<T>>;
  /** An array of none or one, as a value may be undefined. */
  values: T[];
}

/** One lookup for a filter without wildcards; those with wildcards stand in a tree, a level a node. */
export class FilterMap<T> {
  readonly #byFilter = new Map<string, T>();
  readonly #wildcards: Node<T> = { next: new Map(), values: [] };

  get size(): number {
    return this.#byFilter.size;
  }

  get(filter: string): T | undefined {
    return this.#byFilter.get(filter);
  }

  entries(): IterableIterator<[string, T]> {
    return this.#byFilter.entries();
  }

  set(filter: string, value: T): void {
    this.#byFilter.set(filter, value);
    if (!isWildcard(filter)) return;
    let node = this.#wildcards;
    for (const level of filter.split("/")) {
      const next: Node<T> = node.next.get(level) ?? { next: new Map(), values: [] };
      node.next.set(level, next);
      node = next;
    }
    node.values = [value];
  }

  delete(filter: string): void {
    if (this.#byFilter.delete(filter) && isWildcard(filter)) prune(this.#wildcards, filter.split("/"), 0);
  }

  clear(): void {
    this.#byFilter.clear();
    this.#wildcards.next.clear();
  }

  /** The values of all filters that match `topic`, each once. */
  match(topic: string): T[] {
    const found: T[] = [];
    const exact = this.#byFilter.get(topic);
    if (exact !== undefined) found.push(exact);
    if (this.#wildcards.next.size > 0) collect(this.#wildcards, topic.split("/"), 0, found);
    return found;
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], depth: number, found: T[]): void {
  const level = levels[depth];
  const isHidden = depth === 0 && level?.startsWith("$");
  if (!isHidden) found.push(...(node.next.get("#")?.values ?? []));
  if (level === undefined) {
    found.push(...node.values);
    return;
  }
  const any = isHidden ? undefined : node.next.get("+");
  if (any) collect(any, levels, depth + 1, found);
  const same = node.next.get(level);
  if (same) collect(same, levels, depth + 1, found);
}

function prune<T>(node: Node<T>, levels: readonly string[], depth: number): void {
  const level = levels[depth];
  if (level === undefined) {
    node.values = [];
    return;
  }
  const next = node.next.get(level);
  if (!next) return;
  prune(next, levels, depth + 1);
  if (next.values.length === 0 && next.next.size === 0) node.next.delete(level);
}
