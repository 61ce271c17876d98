/** Tasks that depend on each other: what such a graph may not be, its order, and when a task in it runs. Pure. */

export interface DagNode {
  id: string;
  name: string;
  depends_on?: readonly string[] | undefined;
}

export type RunIf = "success" | "failure";

/** How those that a task depends on have ended. */
export interface ParentTally {
  parents: number;
  completed: number;
  failed: number;
}

/** Once all parents ended: whether the task runs, or is left out (wire-contract, section 2, Workflow). */
export function runsAfter({ parents, completed, failed }: ParentTally, runIf: RunIf = "success"): boolean {
  if (parents === 0) return true;
  return runIf === "success" ? completed === parents : failed > 0;
}

/** Why the tasks are no directed acyclic graph, naming those to blame; undefined where they are one. */
export function dagFlaw(nodes: readonly DagNode[]): string | undefined {
  const known = new Map<string, DagNode>();
  for (const node of nodes) {
    if (known.has(node.id)) return `two tasks have the id ${node.id}`;
    known.set(node.id, node);
  }
  for (const node of nodes) {
    const seen = new Set<string>();
    for (const id of node.depends_on ?? []) {
      if (id === node.id) return `task ${label(node)} depends on itself`;
      if (!known.has(id)) return `task ${label(node)} depends on ${id}, which does not exist`;
      if (seen.has(id)) return `task ${label(node)} depends twice on ${id}`;
      seen.add(id);
    }
  }
  const { rest } = layered(nodes);
  if (rest.size === 0) return undefined;
  const cycle = cycleIn(known, rest).map((node) => label(node));
  return `tasks depend on each other in a circle: ${[...cycle, cycle[0]].join(" → ")}`;
}

/**
 * The tasks in layers: each in the first layer that comes after all it depends on, in the order given. What stands in a
 * circle, or depends on one that does, is left out; so is a dependency on a task that isn't among them.
 */
export function dagLayers<T extends DagNode>(nodes: readonly T[]): T[][] {
  return layered(nodes).layers;
}

function layered<T extends DagNode>(nodes: readonly T[]): { layers: T[][]; rest: Set<string> } {
  const known = new Set(nodes.map(({ id }) => id));
  const waits = new Map<string, number>();
  const children = new Map<string, string[]>();
  for (const { id, depends_on = [] } of nodes) {
    const parents = depends_on.filter((parent) => known.has(parent));
    waits.set(id, parents.length);
    for (const parent of parents) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [id]);
      else siblings.push(id);
    }
  }
  const layerOf = new Map<string, number>();
  let ready = nodes.filter(({ id }) => waits.get(id) === 0).map(({ id }) => id);
  for (let layer = 0; ready.length > 0; layer++) {
    const next: string[] = [];
    for (const id of ready) {
      layerOf.set(id, layer);
      for (const child of children.get(id) ?? []) {
        const left = (waits.get(child) ?? 0) - 1;
        waits.set(child, left);
        if (left === 0) next.push(child);
      }
    }
    ready = next;
  }
  const layers: T[][] = [];
  const rest = new Set<string>();
  for (const node of nodes) {
    const layer = layerOf.get(node.id);
    if (layer === undefined) {
      rest.add(node.id);
      continue;
    }
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(node);
  }
  return { layers, rest };
}

/** One circle among tasks that each wait for another of them. */
function cycleIn(known: ReadonlyMap<string, DagNode>, rest: ReadonlySet<string>): DagNode[] {
  const path: DagNode[] = [];
  const at = new Map<string, number>();
  let [id] = rest;
  while (id !== undefined) {
    const first = at.get(id);
    if (first !== undefined) return path.slice(first);
    const node = known.get(id);
    if (node === undefined) return path;
    at.set(id, path.length);
    path.push(node);
    id = node.depends_on?.find((parent) => rest.has(parent));
  }
  return path;
}

function label({ id, name }: DagNode): string {
  return name === "" || name === id ? id : `${name} (${id})`;
}
