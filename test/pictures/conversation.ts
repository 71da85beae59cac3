/**
 * Makes pictures/conversation.svg from the real screen of the demo, played over a real homeserver:
 * `node test/pictures/conversation.ts`
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { synapsePython } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { openTmux } from "../support/tmux.ts";
import { terminalSvg } from "./terminal-svg.ts";

const root = join(import.meta.dirname, "../..");
const columns = 84;

using home = temporaryHome();
const python = await synapsePython();
if (python) {
  mkdirSync(join(home.path, "data/homeserver"), { recursive: true, mode: 0o700 });
  symlinkSync(dirname(dirname(python)), join(home.path, "data/homeserver/venv"));
}
await using terminal = await openTmux({
  ...{ columns, rows: 200 },
  command: `${process.execPath} ${join(root, "src/launch.js")} demo --keep`,
  env: { MEMTRIX_HOME: home.path, TERM: "xterm-256color" },
});
await terminal.sees("until you press Ctrl-C", 400_000);

// The parts that fit a page: from the first sentence to the no.
const shown = await terminal.screen();
const painted = (await terminal.paintedScreen()).split("\n");
const rowOf = (words: string): number => shown.split("\n").findIndex((line) => line.includes(words));
const rows = painted.slice(rowOf("It learns, and remembers"), rowOf("It has others beside it") - 1);
await terminal.press("C-c");
await terminal.sees("its folder is removed");

const picture = terminalSvg(rows.join("\n"), { title: "A conversation in the demo", columns, rows: rows.length });
mkdirSync(join(root, "pictures"), { recursive: true });
writeFileSync(join(root, "pictures/conversation.svg"), picture);
console.log(`pictures/conversation.svg, ${picture.length} bytes`);
