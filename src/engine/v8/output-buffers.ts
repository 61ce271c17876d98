/** Memory that a worker collects stdout and stderr in. It is shared, so that it outlives a worker that is stopped. */
import type { WasiRun } from "./messages.ts";
import type { SharedState } from "./shared-state.ts";

const nothing = new Uint8Array(0);

function growable(maxByteLength: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength });
}

function copyOf(buffer: SharedArrayBuffer, length: number): Uint8Array {
  return length === 0 ? nothing : new Uint8Array(buffer, 0, length).slice();
}

/** The buffers of one worker, used again by each of its runs and replaced where one may print more. */
export class OutputBuffers {
  #stdout = growable(0);
  #stderr = growable(0);

  reserve(limitBytes: number): WasiRun["output"] {
    if (this.#stdout.maxByteLength < limitBytes) {
      this.#stdout = growable(limitBytes);
      this.#stderr = growable(limitBytes);
    }
    return { stdout: this.#stdout, stderr: this.#stderr, limitBytes };
  }

  /** Copies out what the run has written so far. */
  collected(state: SharedState): { stdout: Uint8Array; stderr: Uint8Array } {
    return {
      stdout: copyOf(this.#stdout, state.stdoutLength),
      stderr: copyOf(this.#stderr, state.stderrLength),
    };
  }
}
