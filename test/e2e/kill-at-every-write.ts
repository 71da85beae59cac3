import { parseArgs } from "node:util";
import { type KilledRun, killAt, type Point, writesOfRun } from "../support/kill-tidy-run.ts";
import { type WireName, wireNames } from "../support/wire-model.ts";

// Run as a program: kills one run before and after each of its writes, starts it again until it is done, and looks at
// what is left. Prints one line for each point; the exit code is 1 when something was lost, doubled or torn.

const { values } = parseArgs({
  options: {
    wire: { type: "string", default: "ollama" },
    /** Only every so manieth write. */
    every: { type: "string", default: "1" },
    /** Kills the second start as well, at so many writes. */
    twice: { type: "string" },
    help: { type: "boolean" },
  },
});
const wire = wireNames.find((name) => name === values.wire);
if (!wire || values.help) {
  console.log(`node test/e2e/kill-at-every-write.ts [--wire ${wireNames.join("|")}] [--every N] [--twice N]`);
  process.exit(wire ? 0 : 2);
}
process.exitCode = await killAtEveryWrite(wire, Number(values.every), values.twice);

async function killAtEveryWrite(wire: WireName, every: number, twice: string | undefined): Promise<number> {
  const writes = await writesOfRun(wire);
  const numbers = writes.map((_, index) => index + 1).filter((number) => number % every === 0);
  const points = numbers.flatMap((number): Point[] => [
    { moment: "before", number },
    { moment: "after", number },
  ]);
  console.log(`${writes.length} writes, ${points.length} kills, over ${wire}`);

  const again: Point | undefined = twice ? { moment: "after", number: Number(twice) } : undefined;
  const runs: KilledRun[] = [];
  for (const point of points) {
    const run = await killAt(wire, point, again);
    runs.push(run);
    const { moment, number } = point;
    const verdict = run.faults.length > 0 ? `WRONG: ${run.faults.join("; ")}` : run.killed ? "right" : "not killed";
    console.log([`${moment} ${number}`.padEnd(11), `${run.restarts} restarts`, verdict, run.write].join("  "));
  }
  const wrong = runs.filter(({ faults }) => faults.length > 0);
  const killed = runs.filter((run) => run.killed);
  console.log(`${killed.length} killed, ${wrong.length} wrong`);
  return wrong.length > 0 ? 1 : 0;
}
