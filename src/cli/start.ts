import { existsSync } from "node:fs";
import { join } from "node:path";
import { openApp } from "../app.ts";
import { startHeartbeat } from "../heartbeat.ts";
import { homePaths } from "../home.ts";
import { fileWriter, streamWriter } from "../log.ts";
import { connectMatrix } from "./connect-matrix.ts";
import { logSettings } from "./log-settings.ts";
import { onboard } from "./onboard.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { createTerminal, endSignal, isTerminal, screenMode } from "./terminal.ts";

const help = `Begin: your agent answers where it lives, and in this terminal if there is one. Where nothing is set up yet,
asks what it needs first.

Usage: memtrix start`;

/** `memtrix start`, which is what `npm start` runs. */
export async function start(argv: string[], context: { home: string }): Promise<number> {
  if (parseFlags("start", argv, helpFlag).values.help) {
    console.log(help);
    return 0;
  }
  if (!existsSync(homePaths(context.home).config)) {
    if (!isTerminal()) {
      console.error(`Nothing is set up yet, and there is no terminal to ask on. Set it up with flags, for example:

  npx memtrix onboard --name Memtrix --provider rehearsal --channel cli --timezone UTC

Then start again. npx memtrix onboard --help tells all flags.`);
      return 2;
    }
    const code = await onboard([], { ...context, goesOn: true });
    if (code !== 0) return code;
  }

  const { data } = homePaths(context.home);
  // Without a terminal whoever runs it reads the log from here; with one it would tear the screen.
  const writeLog = isTerminal() ? fileWriter(join(data, "memtrix.log")) : streamWriter(process.stderr);
  await using app = await openApp({
    ...{ home: context.home, holder: "memtrix start", writeLog },
    ...logSettings(process.env),
  });
  const matrix = await connectMatrix(app, data);
  await using _heartbeat = await startHeartbeat({
    ...{ directory: data, log: app.log, connections: () => matrix?.health() ?? [] },
  });
  if (matrix && !isTerminal()) return await Promise.race([endSignal(), matrix.failed]);
  const terminal = createTerminal(app, isTerminal() ? screenMode(context.home) : { kind: "lines" });
  await app.connect(terminal);
  return await Promise.race([terminal.left, endSignal()]);
}
