/** Draws tasks that depend on each other: boxes in layers where the terminal is wide enough, an indented list where not. */
import { styleText } from "node:util";
import { dagLayers } from "../model/dag.ts";
import { printable } from "../telemetry/printable.ts";
import { centreOf, type DagTask, layOut, type Spot } from "./dag-layout.ts";
import { createLineGrid, type LineGrid } from "./line-grid.ts";

export type { DagTask } from "./dag-layout.ts";

export interface DagOptions {
  /** Columns of the terminal. */
  width: number;
  /** Whether states may have colours. */
  colours: boolean;
}

const BOX_HEIGHT = 4;
/** What is wider, or has more boxes than anyone can take in, is a list. */
const MOST_BOXES = 200;
const LONGEST_NAME = 24;

/** The graph as lines. Names are cut to 24 characters in boxes. */
export function drawDag(tasks: readonly DagTask[], { width, colours }: DagOptions): string {
  const shown = tasks.map((task) => ({ ...task, name: cut(printable(task.name), LONGEST_NAME) }));
  const layers = tasks.length > MOST_BOXES ? [] : layOut(shown);
  const columns = Math.max(0, ...layers.flat().map((spot) => spot.x + spot.width));
  const text = layers.length === 0 || columns > width ? listOf(tasks) : boxesOf(layers);
  return colours ? coloured(text) : text;
}

function boxesOf(layers: Spot[][]): string {
  const grid = createLineGrid();
  let y = 0;
  for (const [index, layer] of layers.entries()) {
    for (const spot of layer) drawSpot(grid, spot, y);
    y += BOX_HEIGHT - 1;
    if (index < layers.length - 1) y = drawEdges(grid, layer, y);
  }
  return grid.rows().join("\n");
}

function drawSpot(grid: LineGrid, spot: Spot, top: number): void {
  const bottom = top + BOX_HEIGHT - 1;
  if (spot.task === undefined) {
    grid.vertical(centreOf(spot), top, bottom);
    return;
  }
  const right = spot.x + spot.width - 1;
  for (const y of [top, bottom]) grid.horizontal(y, spot.x, right);
  for (const x of [spot.x, right]) grid.vertical(x, top, bottom);
  grid.text(spot.x + 2, top + 1, spot.task.name);
  grid.text(spot.x + 2, top + 2, spot.task.state);
}

/** Spots with the same ones below them share a line across. */
interface Bus {
  /** Columns where spots end, and those that their lines begin in: the same, or the ones beside. */
  ends: number[];
  shift: number;
  targets: number[];
}

/** The edges from a layer, whose boxes end at `top`, to the next. Returns where that begins. */
function drawEdges(grid: LineGrid, layer: readonly Spot[], top: number): number {
  const buses = busesOf(layer);
  const rows = inRows(buses.filter((bus) => !isStraight(bus)));
  const bottom = top + Math.max(1, rows.length) + 1;
  for (const bus of buses.filter(isStraight)) for (const x of bus.targets) grid.vertical(x, top, bottom);
  for (const [row, { ends, shift, targets }] of rows.entries()) {
    const across = top + 1 + row;
    const ports = ends.map((x) => x + shift);
    for (const x of ends) grid.horizontal(top, x, x + shift);
    for (const x of ports) grid.vertical(x, top, across);
    for (const x of targets) grid.vertical(x, across, bottom);
    grid.horizontal(across, Math.min(...ports, ...targets), Math.max(...ports, ...targets));
  }
  return bottom;
}

function isStraight({ ends, targets }: Bus): boolean {
  return new Set([...ends, ...targets]).size === 1;
}

function busesOf(layer: readonly Spot[]): Bus[] {
  const buses = new Map<string, Bus>();
  for (const spot of layer) {
    if (spot.below.length === 0) continue;
    const targets = spot.below.map(centreOf).sort((a, b) => a - b);
    const bus = buses.get(targets.join()) ?? { ends: [], shift: 0, targets };
    bus.ends.push(centreOf(spot));
    buses.set(targets.join(), bus);
  }
  return [...buses.values()];
}

/**
 * One under the other, so that no line down to a box runs into one that comes from above: a bus goes before those that
 * lead to the columns it comes from. Where that can't be, those come from the columns beside.
 */
function inRows(buses: readonly Bus[]): Bus[] {
  const rows: Bus[] = [];
  let left = [...buses];
  while (left.length > 0) {
    const crossed = (bus: Bus) =>
      left.filter((other) => other !== bus && other.shift === 0 && meets(other.ends, bus.targets));
    const next = left.find((bus) => crossed(bus).length === 0) ?? left[0];
    if (next === undefined) break;
    for (const other of crossed(next)) other.shift = 1;
    rows.push(next);
    left = left.filter((bus) => bus !== next);
  }
  return rows;
}

function meets(ends: readonly number[], targets: readonly number[]): boolean {
  return ends.some((x) => targets.includes(x));
}

/** Each task under its layer's indent, with what it comes after. */
function listOf(tasks: readonly DagTask[]): string {
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  const rows = dagLayers(tasks).flatMap((layer, depth) =>
    layer.map((task) => ({ text: "  ".repeat(depth) + task.name, ...task })),
  );
  const width = Math.max(0, ...rows.map(({ text }) => text.length));
  const states = Math.max(0, ...rows.map(({ state }) => state.length));
  return rows
    .map(({ text, state, depends_on = [] }) => {
      const after = depends_on.map((id) => names.get(id) ?? id).join(", ");
      return `${text.padEnd(width)}  ${state.padEnd(states)}${after === "" ? "" : `  after ${after}`}`.trimEnd();
    })
    .join("\n");
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

const stateColours = {
  Pending: "gray",
  Scheduled: "cyan",
  Running: "cyan",
  Completed: "green",
  Failed: "red",
  Skipped: "gray",
  Interrupted: "yellow",
} as const;
type Named = keyof typeof stateColours;

/** States in the colours people expect; the words alone say it too. */
export function coloured(text: string): string {
  return text.replaceAll(/\b(Pending|Scheduled|Running|Completed|Failed|Skipped|Interrupted)\b/g, (state) =>
    styleText(stateColours[state as Named], state, { validateStream: false }),
  );
}
