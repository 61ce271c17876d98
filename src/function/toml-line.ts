/** Finds the line of a key in TOML text, for error messages: the parser keeps no positions. */

/**
 * The line on which `path` is set.
 * @returns from 1, undefined for a way of writing it that is not looked for (dotted keys, inline tables)
 */
export function findTomlLine(text: string, path: readonly string[]): number | undefined {
  const key = path.at(-1);
  const wanted = path.slice(0, -1).join(".");
  let table = "";
  let headerLine: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    if (header !== undefined) {
      table = header;
      if (header === path.join(".")) headerLine = index + 1;
    } else if (table === wanted && key !== undefined && keyOf(line) === key) {
      return index + 1;
    }
  }
  return headerLine;
}

function keyOf(line: string): string | undefined {
  const [, double, single, bare] = /^\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=/.exec(line) ?? [];
  return double ?? single ?? bare;
}
