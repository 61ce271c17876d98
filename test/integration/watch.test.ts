/** What --watch leaves on a terminal, which is tmux's: it keeps what has scrolled away, too. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test, vi } from "vitest";
import { createUser } from "../support/dev.ts";

const bin = resolve(import.meta.dirname, "../../bin/dev.js");

function hasTmux(): boolean {
  try {
    execFileSync("tmux", ["-V"]);
    return true;
  } catch {
    console.warn("skipped: no tmux on this machine (apt install tmux)");
    return false;
  }
}

/** A terminal of 80 columns and 24 rows that runs a command line and keeps its window afterwards. */
async function openTerminal(user: Awaited<ReturnType<typeof createUser>>, line: string) {
  const tmux = async (...args: string[]) =>
    (await execa("tmux", ["-S", join(user.dir, "tmux"), ...args], { env: user.env })).stdout;
  onTestFinished(async () => void (await tmux("kill-server")));
  await tmux("new-session", "-d", "-x", "80", "-y", "24", `echo before; ${line}; tmux wait-for -S over; cat`);
  return {
    screen: () => tmux("capture-pane", "-p"),
    /** All that was ever shown and not erased, once the command has ended. */
    async whole() {
      await tmux("wait-for", "over");
      return (await tmux("capture-pane", "-p", "-S", "-")).trimEnd();
    },
    resize: (columns: number, rows: number) =>
      tmux("resize-window", "-x", String(columns), "-y", String(rows)),
  };
}

const chain = (length: number) =>
  Array.from({ length }, (_, index) => ({
    name: `step${index}`,
    module: "build/hello.wasm",
    cli_args: ["--invoke", "add"],
    inputs: ["2", "3"],
    ...(index === 0 ? {} : { depends_on: [`step${index - 1}`] }),
  }));

async function startWorkflow(length: number) {
  const user = await createUser();
  const project = await user.createProject();
  await user.prop(project, ["build"]);
  await user.startDev(project);
  await writeFile(join(project, "chain.json"), JSON.stringify({ name: "chain", tasks: chain(length) }));
  const { stdout: id } = await user.prop(project, ["workflows", "create", "-f", "chain.json"]);
  return { user, project, id };
}

test.runIf(hasTmux())(
  "a workflow that is taller than the window is drawn over itself, and left whole once",
  async () => {
    const { user, project, id } = await startWorkflow(9);
    const watching = `cd ${project}; ${process.execPath} ${bin} workflows get ${id} --watch`;
    const terminal = await openTerminal(user, watching);
    await vi.waitFor(async () => expect(await terminal.screen()).toMatch(/… \d+ more lines/), 30_000);
    await user.prop(project, ["workflows", "start", id]);
    const shown = await terminal.whole();
    const { stdout: drawn } = await user.prop(project, ["workflows", "get", id]);
    expect(shown).toBe(`before\n${drawn}`);
  },
);

test.runIf(hasTmux())("a window that grows shows more of it", async () => {
  const { user, project, id } = await startWorkflow(9);
  const watching = `cd ${project}; ${process.execPath} ${bin} workflows get ${id} --watch`;
  const terminal = await openTerminal(user, watching);
  await vi.waitFor(async () => expect(await terminal.screen()).toMatch(/… \d+ more lines/), 30_000);
  await terminal.resize(80, 60);
  const { stdout: drawn } = await user.prop(project, ["workflows", "get", id]);
  await vi.waitFor(async () => expect((await terminal.screen()).trimEnd()).toBe(drawn), 30_000);
});
