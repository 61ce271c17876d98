/** Draws text over itself on a terminal, in whatever room there is. */

export interface Drawing {
  draw(text: string): void;
  /** Leaves the whole of `text` there, as if it had been printed. */
  end(text: string): void;
}

const up = (lines: number) => (lines === 0 ? "" : `\u001b[${lines}A`);
const toEndOfScreen = "\u001b[0J";
const wholeScreen = "\u001b[H\u001b[2J";
/** A line that is too long is cut by the terminal, which knows how wide each character is, and stays one line. */
const wrapOff = "\u001b[?7l";
const wrapOn = "\u001b[?7h";

export function createDrawing(terminal: NodeJS.WriteStream): Drawing {
  let drawn: string[] = [];
  let text = "";

  function show(lines: string[]): void {
    const erase = `\r${up(drawn.length)}${toEndOfScreen}`;
    terminal.write(`${erase}${wrapOff}${lines.map((line) => `${line}\n`).join("")}${wrapOn}`);
    drawn = lines;
  }

  /** How a terminal breaks what stands there anew is its own affair: it is drawn on an empty screen. */
  function onResize(): void {
    terminal.write(wholeScreen);
    drawn = [];
    show(cut(text, terminal.rows));
  }

  terminal.on("resize", onResize);
  return {
    draw(next) {
      text = next;
      show(cut(next, terminal.rows));
    },
    end(last) {
      terminal.off("resize", onResize);
      terminal.write(`\r${up(drawn.length)}${toEndOfScreen}${last}\n`);
    },
  };
}

/** What fits with the line that the cursor stands on; the last line says how much doesn't. */
function cut(text: string, rows: number): string[] {
  const lines = text.split("\n");
  const room = Math.max(1, rows - 1);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
}
