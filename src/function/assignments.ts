/** `NAME=value` pairs, as `--env` takes them. */
import { PropError } from "../errors.ts";

/**
 * Reads `NAME=value` pairs; the last of two with one name counts.
 * @param flag the flag they came from, for the error
 * @throws PropError `USAGE`
 */
export function parseAssignments(pairs: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new PropError({
        code: "USAGE",
        message: `${flag} "${pair}" is not NAME=value`,
        hint: `Write it like: ${flag} GREETING=hello`,
        exitCode: 2,
      });
    }),
  );
}
