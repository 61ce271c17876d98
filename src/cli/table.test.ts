import { expect, test } from "vitest";
import { renderTable } from "./table.ts";
import { ageText } from "./time-text.ts";

test("columns are aligned, with no lines and no spaces at the end", () => {
  const rows = [
    ["1", "a"],
    ["22", "two words"],
  ];
  expect(renderTable(["id", "name"], rows, { colours: false })).toBe("ID  NAME\n1   a\n22  two words");
});

test("what is in a cell stays on its line", () => {
  expect(renderTable(["error"], [["a\nb"]], { colours: false })).toBe("ERROR\na b");
});

test("an empty list is its head", () => {
  expect(renderTable(["id"], [], { colours: false })).toBe("ID");
});

test.each([
  [undefined, ""],
  ["0001-01-01T00:00:00Z", ""],
  ["2026-11-24T12:00:00Z", "now"],
  ["2026-11-24T11:59:18Z", "42s"],
  ["2026-11-24T11:58:59Z", "1m"],
  ["2026-11-24T09:00:00Z", "3h"],
  ["2026-11-20T00:00:00Z", "4d"],
])("the age of %s is %s", (time, text) => {
  expect(ageText(time, Date.parse("2026-11-24T12:00:00.500Z"))).toBe(text);
});

test("a name doesn't steer the terminal", () => {
  expect(renderTable(["name"], [["a\u001b[31m"]], { colours: false })).toBe("NAME\na\\u001b[31m");
});
