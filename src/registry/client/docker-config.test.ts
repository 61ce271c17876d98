import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dockerConfigPath, dockerLogins, isKeyOf } from "./docker-config.ts";
import { removeLogin, saveLogin } from "./docker-login.ts";

const origin = "https://registry.example.com";
const login = { username: "ada", password: "s3:cret" };
let dir: string;
let env: Record<string, string>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "prop-docker-"));
  env = { HOME: dir, DOCKER_CONFIG: join(dir, "docker") };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** A helper that keeps what it is told in a file, as docker's do. */
async function installHelper(name: string): Promise<string> {
  const kept = join(dir, "kept");
  const script = `#!/bin/sh
case "$1" in
  store) cat > '${kept}' ;;
  get) read -r server; [ -e '${kept}' ] || { echo "credentials not found in native keychain"; exit 1; }; cat '${kept}' ;;
  erase) rm '${kept}' ;;
esac
`;
  const path = join(dir, `docker-credential-${name}`);
  await writeFile(path, script);
  await chmod(path, 0o755);
  vi.stubEnv("PATH", `${dir}${delimiter}${process.env.PATH}`);
  return kept;
}

async function configure(content: object): Promise<void> {
  await mkdir(join(dir, "docker"), { recursive: true });
  await writeFile(dockerConfigPath(env), JSON.stringify(content));
}

test("a login is found again by its own server alone, in a file that others can't read", async () => {
  const path = dockerConfigPath(env);
  await saveLogin(path, origin, login);
  expect(await dockerLogins(env)(origin)).toEqual({ origin, type: "basic", ...login });
  expect(await dockerLogins(env)("https://other.example.com")).toBeUndefined();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("what else is in the file stays, after a login and a logout", async () => {
  const other = { auths: { "https://other.example/v1/": { auth: "eDp5" } }, proxies: { a: 1 } };
  await configure(other);
  const path = dockerConfigPath(env);
  await saveLogin(path, origin, login);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject(other);
  expect(await removeLogin(path, origin)).toBe(true);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(other);
  expect(await removeLogin(path, origin)).toBe(false);
});

test.each([
  ["registry.example.com", origin, true],
  ["https://registry.example.com/v2/", origin, true],
  ["registry.example.com:443", origin, true],
  ["registry.example.com.evil.example", origin, false],
  ["registry.example.com:5000", origin, false],
  ["https://index.docker.io/v1/", "https://registry-1.docker.io", true],
  ["docker.io", "https://registry-1.docker.io", true],
])("the entry %s is for %s: %s", (key, server, expected) => {
  expect(isKeyOf(key, server)).toBe(expected);
});

test("a helper that the file names keeps the login, and the file doesn't", async () => {
  const kept = await installHelper("test");
  await configure({ credHelpers: { "registry.example.com": "test" } });
  const path = dockerConfigPath(env);
  expect(await dockerLogins(env)(origin)).toBeUndefined();
  expect(await saveLogin(path, origin, login)).toBe("docker-credential-test");
  expect(await readFile(path, "utf8")).not.toContain('auth"');
  expect(JSON.parse(await readFile(kept, "utf8"))).toEqual({
    ServerURL: "registry.example.com",
    Username: "ada",
    Secret: "s3:cret",
  });
  expect(await dockerLogins(env)(origin)).toEqual({ origin, type: "basic", ...login });
  await removeLogin(path, origin);
  expect(await dockerLogins(env)(origin)).toBeUndefined();
});

test("a helper's identity token is told from a password", async () => {
  const kept = await installHelper("test");
  await writeFile(kept, JSON.stringify({ Username: "<token>", Secret: "refresh" }));
  await configure({ credsStore: "test" });
  expect(await dockerLogins(env)(origin)).toEqual({ origin, type: "identity", token: "refresh" });
});

test("a helper that is missing, or whose name is a path, is told of", async () => {
  await configure({ credsStore: "is-not-there" });
  await expect(dockerLogins(env)(origin)).rejects.toMatchObject({
    code: "CREDENTIAL_HELPER_FAILED",
    message: expect.stringContaining("docker-credential-is-not-there"),
  });
  await configure({ credsStore: "../evil" });
  await expect(dockerLogins(env)(origin)).rejects.toMatchObject({ code: "CREDENTIAL_HELPER_FAILED" });
});

test("podman's file, and REGISTRY_AUTH_FILE before all, are read too", async () => {
  const write = async (path: string, user: string) => {
    const auth = Buffer.from(`${user}:x`).toString("base64");
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, JSON.stringify({ auths: { "registry.example.com": { auth } } }));
  };
  await write(join(dir, ".config", "containers", "auth.json"), "podman");
  expect(await dockerLogins(env)(origin)).toMatchObject({ username: "podman" });
  await write(join(dir, "own.json"), "own");
  const own = { ...env, REGISTRY_AUTH_FILE: join(dir, "own.json") };
  expect(await dockerLogins(own)(origin)).toMatchObject({ username: "own" });
});

test("a file that is damaged is named, and left alone", async () => {
  await mkdir(join(dir, "docker"), { recursive: true });
  const path = dockerConfigPath(env);
  await writeFile(path, "{");
  await expect(saveLogin(path, origin, login)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `${path}: it is not JSON`,
  });
  expect(await readFile(path, "utf8")).toBe("{");
});
