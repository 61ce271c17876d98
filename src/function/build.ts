/** Builds a project: its compiler makes `build/<name>.wasm`, unless what is there is what it would make. */
import { randomUUID } from "node:crypto";
import { access, copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { ModuleInfo } from "../engine/engine.ts";
import { parseModule } from "../engine/module-info.ts";
import { PropError, systemCode } from "../errors.ts";
import { readBuilt, recordBuilt } from "./build-record.ts";
import { checkExported } from "./entry.ts";
import type { Project } from "./project.ts";
import { fingerprint } from "./source-tree.ts";
import { runProgram, type SpawnOptions } from "./spawn.ts";
import type { Compiler } from "./toolchain.ts";
import { findToolchain } from "./toolchains/index.ts";

export interface BuildOptions extends Pick<SpawnOptions, "signal" | "onOutput"> {
  /** Builds also where nothing changed. */
  force?: boolean;
}

export interface BuildResult {
  /** Absolute path of the module. */
  path: string;
  sizeBytes: number;
  /** False where the module of an earlier build still fits the sources. */
  rebuilt: boolean;
  durationMs: number;
  info: ModuleInfo;
}

/**
 * Builds a project. The module appears as a whole or not at all, also with several builds at a time.
 * What the compiler writes goes to `onOutput`.
 * @throws PropError `COMPILER_MISSING`, `SOURCE_NOT_FOUND`, `BUILD_FAILED`, `FUNCTION_NOT_FOUND`; the signal's
 *   reason where it is aborted
 */
export async function buildProject(project: Project, options: BuildOptions = {}): Promise<BuildResult> {
  const startedAt = performance.now();
  const compiler = await findToolchain(project.toolchain).findCompiler(project, options.signal);
  const input = await fingerprint(project, JSON.stringify([compiler.version, compiler.command("")]));
  const built = options.force ? undefined : await readBuilt(project, input);
  const bytes = built ?? (await compile(project, compiler, options));
  if (built === undefined) await recordBuilt(project, input, bytes);
  return {
    path: project.outputPath,
    sizeBytes: bytes.length,
    rebuilt: built === undefined,
    durationMs: performance.now() - startedAt,
    info: parseModule(bytes).info,
  };
}

async function compile(project: Project, compiler: Compiler, options: BuildOptions): Promise<Uint8Array> {
  const buildDir = dirname(project.outputPath);
  const temporary = join(buildDir, `.prop-${randomUUID()}.wasm`);
  await checkSource(project);
  await mkdir(buildDir, { recursive: true });
  try {
    const { file, args, env, leaves } = compiler.command(relative(project.dir, temporary));
    const { exitCode } = await runProgram(file, args, {
      ...options,
      ...(env === undefined ? {} : { env }),
      cwd: project.dir,
    });
    if (exitCode !== 0) throw failed(project, exitCode);
    if (leaves !== undefined) await takeFrom(join(project.dir, leaves), temporary);
    const bytes = await readFile(temporary);
    if (project.export !== undefined)
      checkExported(parseModule(bytes).info, project.export, `build/${project.name}.wasm`);
    await rename(temporary, project.outputPath);
    return bytes;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A copy: the compiler's next build starts from what this one left. */
async function takeFrom(left: string, temporary: string): Promise<void> {
  try {
    await copyFile(left, temporary);
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT") throw cause;
    throw new PropError({
      code: "BUILD_FAILED",
      message: `the compiler made no ${left}`,
      hint: "Is the package named as prop.toml's name?",
      cause,
    });
  }
}

async function checkSource({ dir, source }: Project): Promise<void> {
  try {
    await access(join(dir, source));
  } catch (cause) {
    const message = `prop.toml: source "${source}" is not in ${dir}`;
    throw new PropError({ code: "SOURCE_NOT_FOUND", message, cause });
  }
}

function failed({ toolchain }: Project, exitCode: number): PropError {
  return new PropError({
    code: "BUILD_FAILED",
    message: `the ${toolchain} compiler failed (exit ${exitCode})`,
  });
}
