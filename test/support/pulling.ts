/** What tests of pulling share: bytes to pull, a registry that ends with the test, and a client with little patience. */
import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { parseMirrors } from "../../src/registry/client/endpoint.ts";
import { type PullOptions, pullModule } from "../../src/registry/client/pull.ts";
import { type AskRegistryOptions, createAskRegistry } from "../../src/registry/client/request.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { type OciRegistry, type OciRegistryOptions, startOciRegistry } from "./oci-registry.ts";

export const MIB = 1_048_576;

/** Bytes that begin as a module does, and don't compress. */
export function moduleOf(length: number): Buffer {
  const parts: Buffer[] = [Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])];
  for (let index = 0; index * 64 < length; index++) {
    parts.push(createHash("sha512").update(String(index)).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** A registry that is closed when the test is over. */
export async function registryOfTest(options: OciRegistryOptions = {}): Promise<OciRegistry> {
  const started = await startOciRegistry(options);
  onTestFinished(() => started.close());
  return started;
}

/** A client that waits a millisecond where another waits a while; modules of 1 MiB at most. */
export const pullOptions = (asking: AskRegistryOptions = {}, mirrors: string[] = []): PullOptions => ({
  ask: createAskRegistry({ pauseMs: 1, ...asking }),
  mirrors: parseMirrors(mirrors),
  maxBytes: MIB,
  signal: new AbortController().signal,
});
export const pull = (reference: string, with_ = pullOptions()) =>
  pullModule(parseReference(reference), with_);
export const isBlob = ({ path }: { path: string }) => path.includes("/blobs/");
