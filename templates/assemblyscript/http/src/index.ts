import { print, readInput, variable } from "./wasi";

/** Answers GET with the path and POST with what was posted. */
export function _start(): void {
  const method = variable("REQUEST_METHOD");
  if (method == "GET") {
    print(`Content-Type: text/plain\n\nhello from ${variable("PATH_INFO")}\n`);
  } else if (method == "POST") {
    const type = variable("CONTENT_TYPE");
    print(`Content-Type: ${type == "" ? "text/plain" : type}\n\n${readInput()}`);
  } else {
    print("Status: 405 Method Not Allowed\nAllow: GET, POST\n\n");
  }
}
