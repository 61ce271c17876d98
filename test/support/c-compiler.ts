/** Whether this machine can build the template c; says so where it can't. */
import { execa } from "execa";

const { failed, stdout } = await execa("clang", ["--target=wasm32-wasi", "--print-file-name=libc.a"], {
  reject: false,
});

/** Without wasi-libc clang answers with the bare name. */
export const cIsMissing = failed || !String(stdout).startsWith("/");
if (cIsMissing) console.warn("skipped: the template c, since there is no clang with wasi-libc");

/** The templates that can be built here. */
export const buildableTemplates = ["assemblyscript", "wat", ...(cIsMissing ? [] : ["c"])];
