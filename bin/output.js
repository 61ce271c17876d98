// What becomes of a command whose output nobody reads, or has no room. Import it before oclif, which throws instead.

/** As a shell tells of a process that wrote into a closed pipe: 128 + SIGPIPE. */
const closedPipeExitCode = 141;

process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") {
    process.exitCode = closedPipeExitCode;
    return;
  }
  process.stderr.write(`Error: the output could not be written: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on("error", () => undefined);
