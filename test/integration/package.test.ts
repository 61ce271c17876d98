/** What a user installs: the packed tarball without dev dependencies, in an empty folder. */
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const largestMiB = 220;

const npm = (cwd: string, args: string[]) => execa("npm", args, { cwd, stdin: "ignore" });
const { failed: offline } = await execa("npm", ["ping", "--fetch-retries=0"], {
  reject: false,
  timeout: 20_000,
});
if (offline) console.warn("skipped: the installed package, since no package registry answers");

describe.skipIf(offline)("the installed package", () => {
  let dir: string;
  const prop = (args: string[]) =>
    execa(process.execPath, [join(dir, "user/node_modules/@propeller/prop/bin/prop.js"), ...args], {
      cwd: join(dir, "user"),
      stdin: "ignore",
    });

  beforeAll(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), "prop-package-")));
    const project = join(dir, "clone");
    await copyTree(project);
    await npm(project, ["pack", "--pack-destination", dir]);
    const tarballs = (await readdir(dir)).filter((name) => name.endsWith(".tgz"));
    await mkdir(join(dir, "user"));
    await npm(join(dir, "user"), [
      "install",
      "--omit=dev",
      "--ignore-scripts",
      ...tarballs.map((name) => join(dir, name)),
    ]);
  }, 300_000);
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test(`takes at most ${largestMiB} MB`, async () => {
    const { stdout } = await execa("du", ["-sm", join(dir, "user/node_modules")]);
    const sizeMiB = Number.parseInt(stdout, 10);
    console.log(`installed package: ${sizeMiB} MB`);
    expect(sizeMiB).toBeGreaterThan(5);
    expect(sizeMiB).toBeLessThanOrEqual(largestMiB);
  });

  test("has no tests and no sources in it", async () => {
    const files = await readdir(join(dir, "user/node_modules/@propeller/prop"), { recursive: true });
    expect(files.filter((name) => name.includes(".test.") || /^(src|test|bench)\b/.test(name))).toEqual([]);
  });

  test("says its version and what it can do", async () => {
    expect((await prop(["--version"])).stdout).toMatch(/^@propeller\/prop\/\d+\.\d+\.\d+ /);
    const { stdout } = await prop(["--help"]);
    for (const command of ["init", "build", "run", "autocomplete"]) expect(stdout).toContain(command);
  });

  test("can load every command", async () => {
    const commands = join(dir, "user/node_modules/@propeller/prop/dist/commands");
    const files = (await readdir(commands, { recursive: true })).filter((name) => name.endsWith(".js"));
    expect(files.length).toBeGreaterThan(2);
    const imports = files.map((name) => `await import(${JSON.stringify(join(commands, name))});`);
    const { stderr } = await execa(process.execPath, ["--input-type=module", "--eval", imports.join("")]);
    expect(stderr).toBe("");
  });

  test("starts a project", async () => {
    await prop(["init", "hello", "--template", "wat", "--no-install"]);
    expect(await readdir(join(dir, "user/hello"))).toContain("prop.toml");
  });
});

/** The tree as a clone has it, with the packages that are installed here; built anew by `npm pack`. */
async function copyTree(to: string): Promise<void> {
  const left = new Set(["node_modules", "dist", ".git", "coverage", ".prop", "oclif.manifest.json"]);
  await mkdir(to);
  for (const name of await readdir(root)) {
    if (!left.has(name)) await cp(join(root, name), join(to, name), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(to, "node_modules"));
}
