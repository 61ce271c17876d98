/** Objects without the fields that nobody gave. */

export type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function defined<T extends object>(fields: T): Defined<T> {
  const kept: Defined<T> = {};
  for (const key of keysOf(fields)) {
    const value = fields[key];
    if (isGiven(value)) kept[key] = value;
  }
  return kept;
}

/** The same; undefined where nothing was given at all. */
export function definedOrNone<T extends object>(fields: T): Defined<T> | undefined {
  const kept = defined(fields);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function isGiven<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}

function* keysOf<T extends object>(fields: T): Iterable<keyof T> {
  for (const key in fields) yield key;
}
