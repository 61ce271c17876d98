/** Figures for Prometheus: parts of the system have registries of their own, the process has one for all of them. */
import { collectDefaultMetrics, Registry } from "prom-client";

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** There is one process, whoever asks; nothing of it is measured before the first scrape. */
let ofProcess: Registry | undefined;

/** Memory, CPU, event loop and garbage collection of this process, in the text format of Prometheus. */
export function processMetrics(): Promise<string> {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess.metrics();
}

/** One exposition of several; their families have to differ. */
export function joinMetrics(texts: readonly string[]): string {
  return texts.map((text) => `${text.trimEnd()}\n`).join("\n");
}
