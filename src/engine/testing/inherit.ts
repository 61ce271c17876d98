/** A process of its own for tests: runs the module given as base64 with inherited streams, then simply ends. */
import process from "node:process";
import { createV8Engine } from "../v8/engine.ts";

const [, , base64 = "", wallTimeMs = ""] = process.argv;
const engine = createV8Engine();
const module = await engine.prepare(Buffer.from(base64, "base64"));
const limits = wallTimeMs === "" ? {} : { wallTimeMs: Number(wallTimeMs) };
const outcome = await engine.run(module, { entry: "_start", stdin: "inherit", output: "inherit", limits });
process.exitCode = outcome.failure?.code === "TIME_LIMIT" ? 124 : outcome.exitCode;
