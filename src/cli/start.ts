import { existsSync } from "node:fs";
import { homePaths } from "../home.ts";
import { chat } from "./chat.ts";
import { onboard } from "./onboard.ts";

const help = `Begin, and talk to your agent in this terminal. Where nothing is set up yet, asks what it needs first.

Usage: memtrix start`;

/** `memtrix start`, which is what `npm start` runs. */
export async function start(argv: string[], context: { home: string }): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(help);
    return 0;
  }
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!existsSync(homePaths(context.home).config)) {
    if (!isTerminal) {
      console.error(`Nothing is set up yet, and there is no terminal to ask on. Set it up with flags, for example:

  npx memtrix onboard --name Memtrix --provider rehearsal --channel cli --timezone UTC

Then start again. npx memtrix onboard --help tells all flags.`);
      return 2;
    }
    const code = await onboard([], { ...context, goesOn: true });
    if (code !== 0) return code;
  }
  return chat(argv, context);
}
