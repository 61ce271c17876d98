// What happens under a Node that is too old for prop: the pinned one of a clone takes over, or one line says how to go on.
// This file must parse under any Node from 14 on.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const needed = "22.12";

/** Number of the file descriptor that closes when the process that handed over ends. */
const lifelineVariable = "PROP_LIFELINE_FD";

/** Says whether this Node is one that package.json's `engines` allows. */
export function isNodeRecent() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [neededMajor, neededMinor] = needed.split(".").map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

/** Runs `script` with this process's arguments under the Node that `npm install` put into the clone; ends as it ends. */
export function handOver(script) {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  if (!existsSync(pinned)) return refuse();
  const child = spawn(pinned, [script].concat(process.argv.slice(2)), {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: Object.assign({}, process.env, { [lifelineVariable]: "3" }),
  });
  child.stdio[3].on("error", () => undefined);
  const stopForwarding = forwardSignals(child);
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    stopForwarding();
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}

/**
 * Ends this process, as SIGTERM does, once the one that handed over to it is gone: whoever kills what they started
 * must not leave a manager behind that holds the port.
 */
export async function endWithStarter() {
  const lifeline = Number(process.env[lifelineVariable]);
  delete process.env[lifelineVariable];
  if (!(lifeline > 2)) return;
  const { Socket } = await import("node:net");
  const socket = new Socket({ fd: lifeline });
  socket.on("error", () => undefined);
  socket.on("close", () => process.kill(process.pid, "SIGTERM"));
  socket.resume();
  socket.unref();
}

function refuse() {
  process.stderr.write(
    `prop needs Node ${needed} or newer and this is ${process.versions.node}: install one (https://nodejs.org), or go on with: npx --package node@26 prop\n`,
  );
  process.exitCode = 1;
}

function forwardSignals(child) {
  const forward = (signal) => child.kill(signal);
  // A terminal sends its Ctrl-C to the child as well. Twice would be the user's word for "at once".
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = {
    SIGTERM: forward,
    SIGHUP: forward,
    SIGINT: atTerminal ? () => {} : forward,
  };
  for (const signal of Object.keys(handlers)) process.on(signal, handlers[signal]);
  return () => {
    for (const signal of Object.keys(handlers)) process.removeListener(signal, handlers[signal]);
  };
}
