import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { delaying } from "../support/strace.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

// Run as a program: says three things to a Memtrix whose disk takes so long for each flush and each rename. The exit code
// is 1 when an answer is missing or out of order, or its health does not say that the disk is slow.

const { values } = parseArgs({ options: { "delay-ms": { type: "string", default: "1500" } } });

await using model = await startWireModel("ollama", ({ newest }) => `You said: ${newest.split("\n").at(-1)}`);
using home = temporaryHome();
home.write("data/config.json", model.config);
await using memtrix = program({ home: home.path });
await memtrix.chat([]);
const prefix = delaying("fsync,fdatasync,rename", Number(values["delay-ms"]));
const running = memtrix.start(["start"], { prefix, limitMs: 600_000 });
const said = ["one", "two", "three"];
for (const text of said) {
  running.input.write(`${text}\n`);
  await running.said("stdout", `You said: ${text}`);
}
// The next heartbeat tells how long the one before took.
await sleep(25_000);
const { stdout: health } = await memtrix.start(["health"]).ended;
running.input.end();
const { stdout } = await running.ended;

const { integrity, log } = readStore(home.path);
const expected = said.flatMap((text) => [text, `You said: ${text}`]);
const faults = [
  ...(integrity === "ok" ? [] : [integrity]),
  ...(log.map(({ text }) => text).join() === expected.join() ? [] : ["the log is not what was said"]),
  ...(stdout === said.map((text) => `You said: ${text}\n`).join("") ? [] : ["the answers are not in order"]),
  ...(/disk is slow|event loop was held up/.test(health) ? [] : ["the health says nothing of it"]),
];
console.log(health.trim());
console.log(faults.length === 0 ? "right" : `WRONG: ${faults.join("; ")}`);
process.exitCode = faults.length > 0 ? 1 : 0;
