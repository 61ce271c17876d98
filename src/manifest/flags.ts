/** The flags and words that commands about manifests share. */
import { Flags } from "@oclif/core";
import { nearest } from "../cli/nearest.ts";
import { PropError } from "../errors.ts";
import { type Kind, kindNamed, kinds, pluralOf } from "../model/manifest/kinds.ts";

export const filesFlag = (how: { required: boolean }) => ({
  file: Flags.string({
    char: "f",
    description: "A file, a folder of .yaml, .yml and .json files, or - for stdin; may be given again.",
    helpValue: "<file>",
    // As kubectl calls it.
    aliases: ["filename"],
    multiple: true,
    multipleNonGreedy: true,
    ...how,
  }),
});

export const namespaceFlag = {
  namespace: Flags.string({
    char: "n",
    description: "Namespace of what names none itself (default: default).",
  }),
};

/** The kind that a word of a command line names. @throws PropError `USAGE` */
export function kindOfWord(word: string): Kind {
  const kind = kindNamed(word);
  if (kind !== undefined) return kind;
  const known = kinds.flatMap((name) => [name.toLowerCase(), pluralOf(name)]);
  const found = nearest(word.toLowerCase(), known);
  throw new PropError({
    code: "USAGE",
    message: `"${word}" is no kind`,
    hint: found === undefined ? `Known: ${kinds.map(pluralOf).join(", ")}` : `Did you mean ${found}?`,
    exitCode: 2,
  });
}
