import { exit, print, printError, readInput } from "./wasi";

/** Reads an event such as {"celsius":21.5} and answers {"fahrenheit":70.7}. */
export function _start(): void {
  const celsius = numberOf(readInput(), "celsius");
  if (isNaN(celsius)) {
    printError('the event has no number "celsius"\n');
    exit(1);
  }
  print(`{"fahrenheit":${(celsius * 9) / 5 + 32}}\n`);
}

function numberOf(json: string, key: string): f64 {
  const at = json.indexOf(`"${key}"`);
  const colon = at < 0 ? -1 : json.indexOf(":", at);
  return colon < 0 ? NaN : parseFloat(json.slice(colon + 1));
}
