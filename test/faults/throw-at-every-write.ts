import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writesOfRun } from "../support/kill-tidy-run.ts";
import { program } from "../support/program.ts";
import { readStore } from "../support/store-seen.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { layTidyHome, request, tidyModel } from "../support/tidy-run.ts";
import { startWireModel } from "../support/wire-model.ts";

// Run as a program: throws at one write after the other of a run, in whichever module makes it, and starts the program
// again where that has ended it. The exit code is 1 when it ended well without an answer, crashed otherwise than with 1,
// or left something open, doubled or torn.

const { values } = parseArgs({ options: { every: { type: "string", default: "3" } } });
const preload = join(import.meta.dirname, "../support/kill-at-write.mjs");

const writes = await writesOfRun("ollama");
const outcomes = { answered: 0, told: 0, ended: 0 };
let wrong = 0;
for (let number = 1; number <= writes.length; number += Number(values.every)) {
  const { outcome, faults } = await throwAt(number);
  outcomes[outcome]++;
  if (faults.length > 0) wrong++;
  const verdict = faults.length === 0 ? outcome : `WRONG: ${faults.join("; ")}`;
  console.log(`${String(number).padEnd(5)} ${verdict.padEnd(9)} ${writes[number - 1]}`);
}
console.log(`${JSON.stringify(outcomes)}, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;

async function throwAt(number: number): Promise<{ outcome: keyof typeof outcomes; faults: string[] }> {
  await using model = await startWireModel("ollama", tidyModel);
  using home = temporaryHome();
  layTidyHome(home, model);
  await using memtrix = program({ home: home.path });
  const running = memtrix.start(["chat", "-m", request, "--yes"], {
    ...{ env: { NODE_OPTIONS: `--import=${preload}`, KILL_AT_WRITE: `throw:${number}` }, limitMs: 60_000 },
  });
  running.input.end();
  const { code, signal, stdout, stderr } = await running.ended;
  const faults = signal === null && (code === 0 || code === 1) ? [] : [`ended with ${signal ?? code}: ${stderr}`];
  const outcome = code === 0 ? "answered" : /Something went wrong|thrown by the test/.test(stderr) ? "told" : "ended";
  if (code === 0 && stdout === "") faults.push("no answer, and no word of it");

  const { code: later, stderr: said } = await memtrix.chat([], "--yes");
  if (later !== 0) faults.push(`the next start ended with ${later}: ${said}`);
  const { integrity, inbox, outbox, log } = readStore(home.path);
  if (integrity !== "ok") faults.push(integrity);
  if (!inbox.every(({ done }) => done) || outbox.length !== inbox.length) faults.push("a message has no answer");
  const calls = log.flatMap((entry) => entry.calls);
  const results = log.flatMap(({ result }) => (result ? [result.call] : []));
  if (calls.toSorted().join() !== results.toSorted().join()) faults.push("a call without its result");
  const old = join(home.path, "workspace/old.txt");
  if (existsSync(old) && readFileSync(old, "utf8") !== "to be deleted") faults.push("old.txt is torn");
  if (!readFileSync(join(home.path, "workspace/USER.md"), "utf8").startsWith("# My owner"))
    faults.push("USER.md is torn");
  return { outcome, faults };
}
