/** What a function is to those who call it: numbers in and out, an event, or an HTTP request. */

export const functionKinds = ["function", "event", "http"] as const;

/**
 * - `function`: an export that takes and returns numbers
 * - `event`: a program that reads an event on stdin and writes its answer to stdout
 * - `http`: a program that answers an HTTP request, in the form of CGI/1.1
 */
export type FunctionKind = (typeof functionKinds)[number];

/** As `prop.toml` has it; anything else is none. */
export function isFunctionKind(text: string): text is FunctionKind {
  return functionKinds.some((kind) => kind === text);
}

/** How people read of it: "Event handler". */
export const kindTitles: Record<FunctionKind, string> = {
  function: "function",
  event: "event handler",
  http: "HTTP handler",
};

/** The command that runs a new project of that kind once. */
export const exampleRuns: Record<FunctionKind, string> = {
  function: "prop run . 2 3",
  event: `prop run . --data '{"celsius":21.5}'`,
  http: 'prop run . --request "GET /hello"',
};
