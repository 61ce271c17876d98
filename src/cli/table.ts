/** Lists as tables: without lines, columns aligned, the head bold where colours are shown. */
import Table from "cli-table3";
import { printable } from "../telemetry/printable.ts";

const noLines = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/**
 * Renders rows under a head, each line without spaces at its end.
 * @param colours whether the head may be bold
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { colours }: { colours: boolean },
): string {
  const table = new Table({
    head: head.map((title) => title.toUpperCase()),
    chars: noLines,
    style: { "padding-left": 0, "padding-right": 2, head: colours ? ["bold"] : [], border: [] },
  });
  table.push(...rows.map((row) => row.map((cell) => printable(cell.replaceAll(/\s+/g, " ")))));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Whether what is written to stdout may have colours: on a terminal, unless `NO_COLOR` is set. */
export function showsColours(): boolean {
  return process.stdout.isTTY === true && process.stdout.hasColors();
}
