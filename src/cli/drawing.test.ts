import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createDrawing } from "./drawing.ts";

/** What is written to a stream that says it is a terminal, since the last look. */
function createTerminal(rows: number) {
  let text = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const written = () => {
    const since = text;
    text = "";
    return since;
  };
  return { terminal: Object.assign(stream, { rows, columns: 80 }) as unknown as NodeJS.WriteStream, written };
}

const up = (lines: number) => `\u001b[${lines}A`;

test("what is drawn next stands where the last one stood", () => {
  const { terminal, written } = createTerminal(24);
  const drawing = createDrawing(terminal);
  drawing.draw("a\nb");
  expect(written()).toBe("\r\u001b[0J\u001b[?7la\nb\n\u001b[?7h");
  drawing.draw("c");
  expect(written()).toBe(`\r${up(2)}\u001b[0J\u001b[?7lc\n\u001b[?7h`);
  drawing.end("d\ne");
  expect(written()).toBe(`\r${up(1)}\u001b[0Jd\ne\n`);
  expect(terminal.listenerCount("resize")).toBe(0);
});

test("more lines than the window has are counted, and all of them left at the end", () => {
  const { terminal, written } = createTerminal(4);
  const drawing = createDrawing(terminal);
  const text = ["1", "2", "3", "4", "5"].join("\n");
  drawing.draw(text);
  expect(written()).toContain("1\n2\n… 3 more lines\n");
  drawing.end(text);
  expect(written()).toBe(`\r${up(3)}\u001b[0J${text}\n`);
});

test("after a resize it is drawn anew in the room that is there now", () => {
  const { terminal, written } = createTerminal(24);
  const drawing = createDrawing(terminal);
  drawing.draw("1\n2\n3\n4");
  written();
  terminal.rows = 3;
  terminal.emit("resize");
  expect(written()).toBe("\u001b[H\u001b[2J\r\u001b[0J\u001b[?7l1\n… 3 more lines\n\u001b[?7h");
  drawing.end("");
});
