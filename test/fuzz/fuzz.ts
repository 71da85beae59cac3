import { parseArgs } from "node:util";
import { fuzz, targets } from "./run.ts";

/**
 * Hands made-up input to every border over which foreign bytes come in:
 *
 *     node test/fuzz/fuzz.ts [--minutes 10] [--seed 1] [--target address] [--trial N]
 *
 * The minutes are shared out among the targets. `--trial` shows one again. Exit 1 when anything failed.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    target: { type: "string" },
    trial: { type: "string" },
  },
});
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
if (chosen.length === 0) throw new Error(`--target is one of: ${targets.map(({ name }) => name).join(", ")}.`);
const ms = values.trial === undefined ? (Number(values.minutes) * 60_000) / chosen.length : 0;

let failed = false;
function fail(text: string): void {
  failed = true;
  console.error(text);
}
process.on("unhandledRejection", (reason) => fail(`A promise was rejected and nobody took notice: ${reason}`));
process.on("uncaughtException", (error) => fail(`Nobody caught: ${error.stack}`));

let all = 0;
for (const target of chosen) {
  const { trials, failures } = await fuzz(target, Number(values.seed), ms, Number(values.trial ?? 0));
  all += trials;
  console.log(`${target.name}: ${trials.toLocaleString("en-US")} trials, ${failures.length} failures`);
  for (const { trial, error } of failures)
    fail(`  trial ${trial}: ${error instanceof Error ? error.stack : String(error)}`);
}
console.log(`seed ${values.seed}: ${all.toLocaleString("en-US")} trials${failed ? ", with failures" : ", no failure"}`);
process.exitCode = failed ? 1 : 0;
