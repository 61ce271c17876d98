/** A grid of characters in which lines that meet become one character. */

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;
/** By the sides that a line leaves the cell to. */
const characters = [" ", "│", "│", "│", "─", "┘", "┐", "┤", "─", "└", "┌", "├", "─", "┴", "┬", "┼"];

export interface LineGrid {
  horizontal(y: number, from: number, to: number): void;
  vertical(x: number, from: number, to: number): void;
  text(x: number, y: number, text: string): void;
  /** The rows, without spaces at their ends. */
  rows(): string[];
}

export function createLineGrid(): LineGrid {
  const sides: number[][] = [];
  const texts: { x: number; y: number; text: string }[] = [];

  function mark(x: number, y: number, side: number): void {
    sides[y] ??= [];
    const row = sides[y];
    row[x] = (row[x] ?? 0) | side;
  }

  return {
    horizontal(y, from, to) {
      const [left, right] = [Math.min(from, to), Math.max(from, to)];
      for (let x = left; x < right; x++) {
        mark(x, y, RIGHT);
        mark(x + 1, y, LEFT);
      }
    },
    vertical(x, from, to) {
      for (let y = from; y < to; y++) {
        mark(x, y, DOWN);
        mark(x, y + 1, UP);
      }
    },
    text: (x, y, text) => void texts.push({ x, y, text }),
    rows() {
      const height = Math.max(sides.length, ...texts.map(({ y }) => y + 1), 0);
      return Array.from({ length: height }, (_, y) => {
        const cells = Array.from(sides[y] ?? [], (side) => characters[side ?? 0] ?? " ");
        for (const { x, text } of texts.filter((placed) => placed.y === y)) {
          while (cells.length < x) cells.push(" ");
          cells.splice(x, text.length, ...text);
        }
        return cells.join("").trimEnd();
      });
    },
  };
}
