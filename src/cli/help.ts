/** What `prop` shows: alone, what to do first; with --help, oclif's own list of everything. */
import { Help } from "@oclif/core";

const firstSteps = `Take a WebAssembly function from a laptop to a cluster to a microcontroller.

Start here:
  prop init hello && cd hello   # a function that builds and runs as it stands
  prop dev                      # a whole cluster on this machine; rebuilds on every change
  prop invoke hello 2 3         # in another terminal

Every command: prop --help
`;

export default class PropHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    if (argv.length === 0) process.stdout.write(firstSteps);
    else await super.showHelp(argv);
  }
}
