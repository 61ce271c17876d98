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

const erased = (lines: number) => `\r\u001b[2K${"\u001b[1A\u001b[2K".repeat(lines)}`;
const unwrapped = (text: string) => `\u001b[?7l${text}\u001b[?7h`;

test("what is drawn next stands where the last one stood", () => {
  const { terminal, written } = createTerminal(24);
  const drawing = createDrawing(terminal);
  drawing.draw(() => "a\nb");
  expect(written()).toBe(erased(0) + unwrapped("a\nb\n"));
  drawing.draw(() => "c");
  expect(written()).toBe(erased(2) + unwrapped("c\n"));
  drawing.end("d\ne");
  expect(written()).toBe(`${erased(1)}d\ne\n`);
  expect(terminal.listenerCount("resize")).toBe(0);
});

test("more lines than the window has are counted, and all of them left at the end", () => {
  const { terminal, written } = createTerminal(4);
  const drawing = createDrawing(terminal);
  const text = ["1", "2", "3", "4", "5"].join("\n");
  drawing.draw(() => text);
  expect(written()).toContain("1\n2\n… 3 more lines\n");
  drawing.end(text);
  expect(written()).toBe(`${erased(3)}${text}\n`);
});

test("a line that is longer than the window is wide says so at its end; colours take no room", () => {
  const { terminal, written } = createTerminal(24);
  terminal.columns = 5;
  const drawing = createDrawing(terminal);
  drawing.draw(() => "12345\n\u001b[31m123\u001b[39m\n123456");
  expect(written()).toContain(unwrapped("12345\n\u001b[31m123\u001b[39m\n123456\u001b[5G…\n"));
  drawing.end("");
});

test("after a resize it is made anew for the room that is there now", () => {
  const { terminal, written } = createTerminal(24);
  const drawing = createDrawing(terminal);
  drawing.draw(() => `${terminal.columns} columns\n2\n3\n4`);
  written();
  terminal.rows = 3;
  terminal.columns = 40;
  terminal.emit("resize");
  expect(written()).toBe(`\u001b[H\u001b[2J${erased(0)}${unwrapped("40 columns\n… 3 more lines\n")}`);
  drawing.end("");
});
