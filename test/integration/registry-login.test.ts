/** Logins at registries, against one in this process that asks for them. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Credentials } from "../../src/registry/client/credentials.ts";
import { digestOf } from "../../src/registry/digest.ts";
import type { OciRegistry } from "../support/oci-registry.ts";
import { isBlob, moduleOf, pull, pullOptions, registryOfTest } from "../support/pulling.ts";
import { pushModule } from "../support/push-module.ts";

const module = moduleOf(200_000);
const digest = digestOf(module);

let registry: OciRegistry;
beforeEach(async () => {
  registry = await registryOfTest();
});

describe("a login", () => {
  const login = { username: "ada", password: "s3cret" };
  const own = (origin: string): Credentials => ({ origin, type: "basic", ...login });

  it("with an anonymous token is made without being asked for, once for a repository", async () => {
    const guarded = await registryOfTest();
    await pushModule(guarded.url, "app:1", module);
    const open = await registryOfTest({ login: { type: "token" } });
    for (const [key, value] of guarded.blobs) open.blobs.set(key, value);
    for (const [key, value] of guarded.manifests) open.manifests.set(key, value);
    expect(await pull(`${open.host}/app:1`)).toMatchObject({ digest });
    const tokens = open.requests.filter(({ path }) => path.startsWith("/token"));
    expect(tokens.map(({ path }) => path)).toEqual([
      "/token?service=test+registry&scope=repository%3Aapp%3Apull",
    ]);
  });

  it.for(["token", "basic"] as const)(
    "by %s is made with the credentials for that registry",
    async (type) => {
      const guarded = await registryOfTest({ login: { type, ...login } });
      await copyTo(guarded);
      await expect(pull(`${guarded.host}/app:1`)).rejects.toMatchObject({ code: "REGISTRY_UNAUTHORIZED" });
      const asking = { credentials: own(guarded.url) };
      expect(await pull(`${guarded.host}/app:1`, pullOptions(asking))).toMatchObject({ digest });
      const wrong = { credentials: { ...own(guarded.url), password: "other" } };
      await expect(pull(`${guarded.host}/app:1`, pullOptions(wrong))).rejects.toMatchObject({
        code: "REGISTRY_UNAUTHORIZED",
        hint: expect.stringContaining("PROXY_REGISTRY_URL"),
      });
    },
  );

  it("is not tried at another registry than it is for", async () => {
    const guarded = await registryOfTest({ login: { type: "basic", ...login } });
    const asking = { credentials: own("https://registry.example.com") };
    await expect(pull(`${guarded.host}/app:1`, pullOptions(asking))).rejects.toMatchObject({
      code: "REGISTRY_UNAUTHORIZED",
      message: expect.stringContaining("UNAUTHORIZED: authentication required"),
    });
    expect(guarded.requests.some(({ authorization }) => authorization !== undefined)).toBe(false);
  });

  it("does not follow a redirect to another host", async () => {
    const guarded = await registryOfTest({ login: { type: "basic", ...login } });
    await copyTo(guarded);
    guarded.failOn((request) =>
      isBlob(request)
        ? { type: "answer", status: 307, headers: { location: `${registry.url}${request.path}` } }
        : undefined,
    );
    registry.requests.length = 0;
    const asking = { credentials: own(guarded.url) };
    expect(await pull(`${guarded.host}/app:1`, pullOptions(asking))).toMatchObject({ digest });
    expect(registry.requests.map(({ path }) => path)).toEqual([`/v2/app/blobs/${digest}`]);
    expect(registry.requests[0]).not.toHaveProperty("authorization");
  });

  it("is not sent on where redirects go in a circle", async () => {
    registry.failOn(({ path }) => ({ type: "answer", status: 307, headers: { location: path } }));
    await expect(pull(`${registry.host}/app:1`)).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringContaining("redirects more than 5 times"),
    });
  });

  async function copyTo(guarded: OciRegistry): Promise<void> {
    await pushModule(registry.url, "app:1", module);
    for (const [key, value] of registry.blobs) guarded.blobs.set(key, value);
    for (const [key, value] of registry.manifests) guarded.manifests.set(key, value);
  }
});
