/** Signatures in a real registry: ours and cosign's, read by both. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { addText, assemble } from "../../src/engine/testing/wat.ts";
import { blobOf } from "../../src/registry/client/blob.ts";
import { openRegistryClient } from "../../src/registry/client/open-client.ts";
import { pushArtifact } from "../../src/registry/client/push.ts";
import { parseReference } from "../../src/registry/reference.ts";
import { wasmArtifact } from "../../src/registry/wasm-artifact.ts";
import { findCosign, runCosign } from "../support/cosign.ts";
import { createUser } from "../support/dev.ts";
import { findDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";

const registry = findDockerRegistry();
const cosign = findCosign();
const add = await assemble(addText);
const alone = "--insecure-ignore-tlog --allow-http-registry".split(" ");

async function setUp() {
  const { host } = await startDockerRegistry(registry ?? "");
  const dir = await mkdtemp(join(tmpdir(), "prop-sign-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const image = `${host}/team/add:1.0`;
  const artifact = wasmArtifact({
    module: blobOf(add),
    kind: "core",
    exports: ["add"],
    imports: [],
    name: "add",
    created: "2026-01-01T00:00:00Z",
  });
  const { signal } = new AbortController();
  const { digest } = await pushArtifact(parseReference(image), artifact, {
    ...openRegistryClient([], {}),
    signal,
  });
  const user = await createUser();
  const prop = (...args: string[]) => user.prop(dir, args, { env: { PROP_KEY_PASSWORD: "secret" } });
  await prop("keygen");
  return { dir, image, digest, prop };
}

describe.skipIf(!registry)("an image in a registry", () => {
  test("is signed, and verified by the key that signed it alone", async () => {
    const { image, digest, prop } = await setUp();
    expect(await prop("verify", image, "--key", "prop.pub")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("is not signed"),
    });
    expect((await prop("sign", image, "--key", "prop.key")).stdout).toBe(`signed ${image}: ${digest}`);
    expect((await prop("verify", image, "--key", "prop.pub")).stdout).toBe(`${image} is signed: ${digest}`);
    await prop("keygen", "--prefix", "other");
    expect(await prop("verify", image, "--key", "other.pub")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("1 signature, none of them good: none of the trusted keys made it"),
    });
    await prop("sign", image, "--key", "other.key");
    const both = await prop("verify", image, "--key", "other.pub", "--key", "prop.pub", "--json");
    expect(JSON.parse(both.stdout)).toEqual({ image, digest, signatures: 2 });
  });

  test.skipIf(!cosign)("that we signed is verified by cosign, with our key", async () => {
    const { dir, image, prop } = await setUp();
    await prop("sign", image, "--key", "prop.key");
    const verified = await runCosign(cosign ?? "", ["verify", "--key", "prop.pub", ...alone, image], dir);
    expect(verified.all).toContain("The signatures were verified against the specified public key");
    await prop("keygen", "--prefix", "other");
    const refused = await runCosign(cosign ?? "", ["verify", "--key", "other.pub", ...alone, image], dir);
    expect(refused.exitCode).not.toBe(0);
  });

  test.skipIf(!cosign).each([
    ["a bundle", ["--new-bundle-format=true"]],
    ["its older form", ["--new-bundle-format=false"]],
  ])("that cosign signed, with a key of ours, in %s, is verified", async (_form, options) => {
    const { dir, image, digest, prop } = await setUp();
    const offline = ["--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry"];
    const args = [
      "sign",
      "--key",
      "prop.key",
      ...offline,
      ...options,
      `${image.replace(/:1\.0$/, "")}@${digest}`,
    ];
    const signed = await runCosign(cosign ?? "", args, dir);
    expect(signed.exitCode, signed.all).toBe(0);
    expect((await prop("verify", image, "--key", "prop.pub")).stdout).toBe(`${image} is signed: ${digest}`);
  });
});
