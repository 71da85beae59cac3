import { parseArgs } from "node:util";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { failingOnce } from "../support/strace.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { layTidyHome, request, tidyModel } from "../support/tidy-run.ts";
import { startWireModel } from "../support/wire-model.ts";

// Run as a program: has the disk fail at one read of the database's files after the other, in a run that touches all that
// a run may touch. The exit code is 1 when the program crashed, or something was lost.

const { values } = parseArgs({
  options: { every: { type: "string", default: "7" }, most: { type: "string", default: "200" } },
});
let wrong = 0;
let number = 1;
for (; number <= Number(values.most); number += Number(values.every)) {
  const faults = await failAt(number);
  if (faults.length > 0) wrong++;
  console.log(`read ${number}: ${faults.length === 0 ? "right" : `WRONG: ${faults.join("; ")}`}`);
}
process.exitCode = wrong > 0 ? 1 : 0;

async function failAt(read: number): Promise<string[]> {
  await using model = await startWireModel("ollama", tidyModel);
  using home = temporaryHome();
  layTidyHome(home, model);
  await using memtrix = program({ home: home.path });
  await memtrix.chat([]);
  const running = memtrix.start(["chat", "-m", request, "--yes"], {
    ...{ prefix: failingOnce("pread64", read), limitMs: 60_000 },
  });
  running.input.end();
  const { signal, stderr } = await running.ended;
  const faults = signal === null ? [] : [`ended by ${signal}`];
  if (/^ +at /m.test(stderr)) faults.push(`says how it is made: ${stderr}`);
  const { code } = await memtrix.chat([], "--yes");
  if (code !== 0) faults.push(`the next start ended with ${code}`);
  const { integrity, inbox, outbox } = readStore(home.path);
  if (integrity !== "ok") faults.push(integrity);
  if (!inbox.every(({ done }) => done) || outbox.length !== inbox.length) faults.push("a message has no answer");
  return faults;
}
