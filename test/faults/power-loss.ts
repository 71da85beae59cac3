import { parseArgs } from "node:util";
import { losses } from "../support/power-loss.ts";
import { recordRun } from "../support/power-loss-run.ts";

// Run as a program: records a run down to each write, and looks at every disk that a power loss could leave of it: after
// each step, with what was not flushed lost in four ways. The exit code is 1 when something was lost or torn.

const { values } = parseArgs({
  options: {
    /** Only every so manieth step is looked at. */
    every: { type: "string", default: "1" },
    /** From every so manieth step the program is started again. */
    restart: { type: "string", default: "20" },
  },
});
const [every, restart] = [Number(values.every), Number(values.restart)];

await using run = await recordRun();
let [looked, started, wrong] = [0, 0, 0];
for (let step = 0; step <= run.steps; step += every)
  for (const loss of losses) {
    const disk = run.diskAfter(step, loss);
    const faults = run.faultsOf(disk);
    looked++;
    if (step % restart === 0) {
      faults.push(...(await run.goOnFrom(disk)));
      started++;
    }
    if (faults.length === 0) continue;
    wrong++;
    console.log(`after step ${step}, ${loss}: ${faults.join("; ")}`);
  }
console.log(`${run.steps} steps, ${looked} disks looked at, ${started} gone on from, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;
