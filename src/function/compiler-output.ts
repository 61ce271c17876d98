/** Shows what a compiler writes as it comes, without the colours that some (wat2wasm) write to anything. */
import { stripVTControlCharacters } from "node:util";

/** Makes an `onOutput` that writes to this process's stderr; in colour only where a terminal shows it. */
export function compilerOutput(): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  const coloured = process.stderr.isTTY && process.stderr.hasColors();
  return (chunk) => {
    const text = decoder.decode(chunk, { stream: true });
    process.stderr.write(coloured ? text : stripVTControlCharacters(text));
  };
}
