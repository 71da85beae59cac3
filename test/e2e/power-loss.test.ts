import { expect, it } from "vitest";
import { losses } from "../support/power-loss.ts";
import { recordRun } from "../support/power-loss-run.ts";
import { canTrace } from "../support/strace.ts";

if (!canTrace) console.warn("Left out: power loss, since there is no strace that may trace.");

// A sample; `node test/faults/power-loss.ts` goes through all of them.
const sample = 12;

it.skipIf(!canTrace)(
  "a machine that loses its power at any write: each file is old or new, what was shown is stored, and the run is taken up",
  async () => {
    await using run = await recordRun();
    const moments = Array.from({ length: sample }, (_, index) => Math.round(((index + 1) * run.steps) / sample));
    for (const moment of moments)
      for (const loss of losses)
        expect({ moment, loss, faults: run.faultsOf(run.diskAfter(moment, loss)) }).toEqual({
          moment,
          loss,
          faults: [],
        });
    for (const [index, loss] of losses.entries()) {
      const moment = moments[2 + 2 * index] as number;
      expect({ moment, loss, faults: await run.goOnFrom(run.diskAfter(moment, loss)) }).toEqual({
        ...{ moment, loss, faults: [] },
      });
    }
    // On a disk that was never told to flush anything it would show.
    for (const loss of ["names", "flushed"] as const)
      expect(run.faultsOf(run.diskAfter(run.steps, loss, { deaf: true }))).not.toEqual([]);
  },
  180_000,
);
