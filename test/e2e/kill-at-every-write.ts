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
    /** By strace, at the system calls. */
    below: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const wire = wireNames.find((name) => name === values.wire);
if (!wire || values.help) {
  console.log(`node test/e2e/kill-at-every-write.ts [--wire ${wireNames.join("|")}] [--every N] [--twice N] [--below]`);
  process.exit(wire ? 0 : 2);
}
const again: Point | undefined = values.twice ? { moment: "after", number: Number(values.twice) } : undefined;
process.exitCode = await killAll(wire, values.below ? pointsBelow() : await points(wire), Number(values.every), again);

async function points(wire: WireName): Promise<Point[]> {
  const writes = await writesOfRun(wire);
  console.log(`${writes.length} writes over ${wire}`);
  return writes.flatMap((_, index): Point[] => [
    { moment: "before", number: index + 1 },
    { moment: "after", number: index + 1 },
  ]);
}

/** How many there are shows when a run is not killed any more. */
function* pointsBelow(): Generator<Point> {
  for (let number = 1; ; number++) yield { moment: "in", number };
}

async function killAll(wire: WireName, points: Iterable<Point>, every: number, again?: Point): Promise<number> {
  const runs: KilledRun[] = [];
  for (const point of points) {
    const { moment, number } = point;
    if (number % every !== 0) continue;
    const run = await killAt(wire, point, again);
    runs.push(run);
    const verdict = run.faults.length > 0 ? `WRONG: ${run.faults.join("; ")}` : run.killed ? "right" : "not killed";
    console.log([`${moment} ${number}`.padEnd(11), `${run.restarts} restarts`, verdict, run.write].join("  "));
    if (!run.killed) break;
  }
  const wrong = runs.filter(({ faults }) => faults.length > 0);
  console.log(`${runs.filter(({ killed }) => killed).length} killed, ${wrong.length} wrong`);
  return wrong.length > 0 ? 1 : 0;
}
