/** A proplet's name for people: two words, always the same for the same id. */

const first =
  "amber brisk calm clear coral crisp dusky eager fair fleet gentle golden keen lively lucid mellow misty nimble pale quick quiet rapid ruddy silver sleek steady sunny swift tidy vivid warm wild";
const second =
  "badger beacon birch brook cedar comet crane dune ember falcon fern finch fjord grove harbor heron island juniper kestrel lagoon lark maple meadow otter pebble pine raven reef river robin sparrow willow";

export function propletName(id: string): string {
  let hash = 2_166_136_261;
  for (let index = 0; index < id.length; index++)
    hash = Math.imul(hash ^ id.charCodeAt(index), 16_777_619) >>> 0;
  return `${word(first, hash)}-${word(second, hash >>> 10)}`;
}

function word(list: string, hash: number): string {
  const words = list.split(" ");
  const found = words[hash % words.length] ?? "";
  return found.charAt(0).toUpperCase() + found.slice(1);
}
