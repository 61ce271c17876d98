/** Draws text over itself on a terminal, in whatever room there is. */
import { stripVTControlCharacters } from "node:util";

export interface Drawing {
  /** Shows what `render` makes, and again in a window of another size. */
  draw(render: () => string): void;
  /** Leaves the whole of `text` there, as if it had been printed. */
  end(text: string): void;
}

const wholeScreen = "\u001b[H\u001b[2J";
const eraseLine = "\u001b[2K";
const upOneLine = "\u001b[1A";
/** A line that is too long is cut by the terminal, which knows how wide each character is, and stays one line. */
const wrapOff = "\u001b[?7l";
const wrapOn = "\u001b[?7h";

export function createDrawing(terminal: NodeJS.WriteStream): Drawing {
  let drawn = 0;
  let render = () => "";

  function show(): void {
    const lines = cut(render(), terminal.rows);
    const text = lines.map((line) => `${within(line, terminal.columns)}\n`).join("");
    terminal.write(`${erased(drawn)}${wrapOff}${text}${wrapOn}`);
    drawn = lines.length;
  }

  /** How a terminal breaks what stands there anew is its own affair: it is drawn on an empty screen. */
  function onResize(): void {
    terminal.write(wholeScreen);
    drawn = 0;
    show();
  }

  terminal.on("resize", onResize);
  return {
    draw(next) {
      render = next;
      show();
    },
    end(last) {
      terminal.off("resize", onResize);
      terminal.write(`${erased(drawn)}${last}\n`);
    },
  };
}

/** Line by line: where all of a screen is erased at once, some terminals keep it among what has scrolled away. */
function erased(lines: number): string {
  return `\r${eraseLine}${`${upOneLine}${eraseLine}`.repeat(lines)}`;
}

/** What fits with the line that the cursor stands on; the last line says how much doesn't. */
function cut(text: string, rows: number): string[] {
  const lines = text.split("\n");
  const room = Math.max(1, rows - 1);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
}

/** Ends in … at the last column where more follows: what is cut there would else show the line's last character. */
function within(line: string, columns: number): string {
  const isLonger = stripVTControlCharacters(line).length > columns;
  return isLonger ? `${line}\u001b[${columns}G…` : line;
}
