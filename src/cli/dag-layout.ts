/** Where the boxes of a graph stand: layers from the top, each task under those it depends on. Pure. */
import { dagLayers } from "../model/dag.ts";

export interface DagTask {
  id: string;
  name: string;
  /** In a word. */
  state: string;
  depends_on?: readonly string[] | undefined;
}

/** A box; or, without a task, a place where an edge passes a layer. */
export interface Spot {
  task?: DagTask;
  width: number;
  /** The column of its left edge. */
  x: number;
  below: Spot[];
  above: Spot[];
}

/** Columns between two boxes. */
const GAP = 3;
const PASSING_WIDTH = 3;

export function centreOf({ x, width }: Spot): number {
  return x + Math.floor(width / 2);
}

/** The layers, placed; none lies left of column 0. */
export function layOut(tasks: readonly DagTask[]): Spot[][] {
  const layers = withPassages(tasks);
  for (const layer of layers) order(layer);
  for (const layer of layers) place(layer, ({ above }) => above);
  for (const layer of layers.toReversed()) place(layer, ({ below }) => below);
  const left = Math.min(...layers.flat().map(({ x }) => x));
  for (const spot of layers.flat()) spot.x -= left;
  return layers;
}

/** Odd, so that there is a column in the middle. */
function boxWidth({ name, state }: DagTask): number {
  return (Math.max(name.length, state.length) + 4) | 1;
}

/** An edge that goes further than to the next layer gets a place in each that it passes. */
function withPassages(tasks: readonly DagTask[]): Spot[][] {
  const layers = dagLayers(tasks).map((layer) => layer.map((task) => spotOf(boxWidth(task), task)));
  const spots = new Map<string, { spot: Spot; layer: number }>();
  for (const [layer, row] of layers.entries()) {
    for (const spot of row) if (spot.task !== undefined) spots.set(spot.task.id, { spot, layer });
  }
  for (const { spot, layer } of [...spots.values()]) {
    for (const id of spot.task?.depends_on ?? []) {
      const parent = spots.get(id);
      if (parent === undefined) continue;
      let upper = parent.spot;
      for (let passed = parent.layer + 1; passed < layer; passed++)
        upper = passage(upper, layers[passed] ?? []);
      join(upper, spot);
    }
  }
  return layers;
}

/** One line passes for all that go on from the same spot. */
function passage(from: Spot, layer: Spot[]): Spot {
  const known = from.below.find(({ task }) => task === undefined);
  if (known !== undefined) return known;
  const spot = spotOf(PASSING_WIDTH);
  layer.push(spot);
  join(from, spot);
  return spot;
}

function spotOf(width: number, task?: DagTask): Spot {
  return { ...(task === undefined ? {} : { task }), width, x: 0, below: [], above: [] };
}

function join(upper: Spot, lower: Spot): void {
  if (upper.below.includes(lower)) return;
  upper.below.push(lower);
  lower.above.push(upper);
}

/** Each near the middle of what it hangs from, so that few edges cross. */
function order(layer: Spot[]): void {
  const middle = new Map(layer.map((spot, index) => [spot, mean(spot.above.map(({ x }) => x)) ?? index]));
  layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
  for (const [index, spot] of layer.entries()) spot.x = index;
}

/** Under or over the middle of its neighbours, as far as the boxes beside it let it. */
function place(layer: Spot[], neighbours: (spot: Spot) => Spot[]): void {
  let free = Number.NEGATIVE_INFINITY;
  let wished = 0;
  for (const spot of layer) {
    const centre = mean(neighbours(spot).map(centreOf)) ?? centreOf(spot);
    const wish = Math.round(centre - Math.floor(spot.width / 2));
    spot.x = Math.max(free, wish);
    wished += wish - spot.x;
    free = spot.x + spot.width + GAP;
  }
  const shift = Math.round(wished / layer.length);
  for (const spot of layer) spot.x += shift;
}

function mean(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
