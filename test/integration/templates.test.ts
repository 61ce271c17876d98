import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { examineToolchains } from "../../src/function/examine-toolchains.ts";
import { templateKinds } from "../../src/function/scaffold.ts";
import { createWorkspace, prop } from "../support/workspace.ts";

const root = resolve(import.meta.dirname, "../..");
/** Components have tests of their own. */
const languages = ["assemblyscript", "rust", "go", "c", "zig", "wat"];
const reports = (await examineToolchains(root, 20_000)).filter(({ name }) => languages.includes(name));
const present = reports.filter(({ found }) => found).map(({ name }) => name);
for (const report of reports)
  if (!report.found) console.warn(`NOT TESTED: the templates ${report.name}: ${report.reason}`);

async function create(template: string, kind: string): Promise<string> {
  const cwd = await createWorkspace();
  const init = ["init", "first-try", "--template", template, "--kind", kind, "--no-install"];
  expect(await prop(cwd, init)).toMatchObject({ exitCode: 0 });
  return join(cwd, "first-try");
}

const timeoutMs = 180_000;
const having = (kind: "function" | "event" | "http") =>
  present.filter((name) => templateKinds(name).includes(kind));

test.each(having("function"))(
  "a function in %s adds numbers and refuses words",
  async (template) => {
    const dir = await create(template, "function");
    expect((await prop(dir, ["run", ".", "2", "3"])).stdout).toBe("5");
    expect(await prop(dir, ["run", ".", "two", "3"])).toMatchObject({ exitCode: 1, stdout: "" });
    expect((await prop(dir, ["build"])).stdout).toContain("unchanged");
  },
  timeoutMs,
);

test.each(having("event"))(
  "an event handler in %s answers its event and fails for an empty one",
  async (template) => {
    const dir = await create(template, "event");
    const answered = await prop(dir, ["run", ".", "--data", '{"celsius":21.5}']);
    expect(answered.exitCode).toBe(0);
    expect(JSON.parse(String(answered.stdout))).toEqual(
      template === "wat" ? { received: { celsius: 21.5 } } : { fahrenheit: 70.7 },
    );
    const failed = await prop(dir, ["run", ".", "--data", ""]);
    expect(failed).toMatchObject({ exitCode: 1, stdout: "" });
    expect(failed.stderr).toContain("the event");
  },
  timeoutMs,
);

test.each(having("http"))(
  "an HTTP handler in %s answers a path and a posted body",
  async (template) => {
    const dir = await create(template, "http");
    const got = await prop(dir, ["run", ".", "--request", "GET /hello?x=1"]);
    expect(got).toMatchObject({ exitCode: 0, stdout: "hello from /hello" });
    expect(got.stderr).toContain("HTTP 200 OK\nContent-Type: text/plain");
    const post = ["run", ".", "--json", "--request", "POST /", "--data", "Ada"];
    expect(JSON.parse(String((await prop(dir, post)).stdout))).toMatchObject({ status: 200, body: "Ada" });
    if (template === "wat") return;
    const put = await prop(dir, ["run", ".", "--json", "--request", "PUT /"]);
    expect(JSON.parse(String(put.stdout))).toMatchObject({ status: 405 });
  },
  timeoutMs,
);
