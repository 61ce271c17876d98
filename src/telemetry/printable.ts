/** Names and messages come from whoever is on the channel: they must not steer the terminal that shows them. */

/** Control characters as they are written in code, but for line feeds and tabs. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
