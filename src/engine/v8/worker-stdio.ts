/** stdin, stdout and stderr of a run, as its worker sees them. */
import { writeSync } from "node:fs";
import tty from "node:tty";
import { systemCode } from "../../errors.ts";
import { errno, WasiError } from "../wasi/errno.ts";
import type { Stdio } from "../wasi/stdio.ts";
import type { WasiRun } from "./messages.ts";
import type { SharedState } from "./shared-state.ts";

type Read = Stdio["read"];
type Write = Stdio["writeOut"];

/** Thrown through the guest's frames when it has printed more than it may. */
export class OutputLimitReached {}

function readBytes(bytes: Uint8Array): Read {
  let position = 0;
  return (into) => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    position += part.length;
    return part.length;
  };
}

/** Reads what the owner feeds from this process's own stdin: a worker that waits here can still be stopped. */
function readFed(buffer: SharedArrayBuffer, state: SharedState, ask: () => void): Read {
  let available = new Uint8Array(buffer, 0, 0);
  return (into, mayBlock) => {
    if (available.length === 0 && mayBlock) {
      available = new Uint8Array(buffer, 0, state.awaitInput(ask));
    }
    const part = available.subarray(0, into.length);
    into.set(part);
    available = available.subarray(part.length);
    return part.length;
  };
}

const never = new Int32Array(new SharedArrayBuffer(4));

function writeThrough(fd: 1 | 2): Write {
  return (from) => {
    for (;;) {
      try {
        return writeSync(fd, from);
      } catch (error) {
        const code = systemCode(error);
        if (code === "EPIPE") throw new WasiError(errno.pipe);
        if (code !== "EAGAIN") throw new WasiError(errno.io);
        Atomics.wait(never, 0, 0, 1);
      }
    }
  };
}

interface Collector {
  buffer: SharedArrayBuffer;
  /** Bytes that stdout and stderr together may still take. */
  left(): number;
  length: () => number;
  setLength: (length: number) => void;
}

function append(target: Collector, from: Uint8Array): number {
  const { buffer } = target;
  const length = target.length();
  const taken = Math.min(from.length, target.left());
  if (length + taken > buffer.byteLength) {
    buffer.grow(Math.min(buffer.maxByteLength, Math.max(4096, 2 * (length + taken))));
  }
  new Uint8Array(buffer, length, taken).set(from.subarray(0, taken));
  target.setLength(length + taken);
  if (taken < from.length) throw new OutputLimitReached();
  return taken;
}

function collect(
  output: Exclude<WasiRun["output"], "inherit">,
  state: SharedState,
): Pick<Stdio, "writeOut" | "writeError"> {
  const left = () => output.limitBytes - state.stdoutLength - state.stderrLength;
  const stdout: Collector = {
    buffer: output.stdout,
    left,
    length: () => state.stdoutLength,
    setLength: (length) => {
      state.stdoutLength = length;
    },
  };
  const stderr: Collector = {
    buffer: output.stderr,
    left,
    length: () => state.stderrLength,
    setLength: (length) => {
      state.stderrLength = length;
    },
  };
  return { writeOut: (from) => append(stdout, from), writeError: (from) => append(stderr, from) };
}

/** Builds the streams of one run; `ask` tells the owner that the run waits for input. */
export function workerStdio(run: WasiRun, state: SharedState, ask: () => void): Stdio {
  const { stdin = new Uint8Array(0), output } = run;
  const read = stdin instanceof Uint8Array ? readBytes(stdin) : readFed(stdin, state, ask);
  const written =
    output === "inherit"
      ? { writeOut: writeThrough(1), writeError: writeThrough(2) }
      : collect(output, state);
  const inherits = output === "inherit";
  return {
    read,
    ...written,
    terminal: [
      !(stdin instanceof Uint8Array) && tty.isatty(0),
      inherits && tty.isatty(1),
      inherits && tty.isatty(2),
    ],
  };
}
