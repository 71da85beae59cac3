import { wires } from "../support/model-call.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { createRandom } from "./random.ts";
import { addressTarget } from "./targets/address.ts";
import { configTarget } from "./targets/config.ts";
import { matrixEventTarget } from "./targets/matrix-event.ts";
import { pathTarget } from "./targets/path.ts";
import { streamTarget } from "./targets/stream.ts";

export const targets: readonly FuzzTarget[] = [
  ...[addressTarget, pathTarget, matrixEventTarget, configTarget],
  ...wires.map(streamTarget),
];

export interface Fuzzed {
  trials: number;
  /** The first few: the trial's number says how to see it again. */
  failures: { trial: number; error: unknown }[];
}

const mostFailures = 10;

/** Tries one target for a time. The same seed and number give the same trial. */
export async function fuzz(target: FuzzTarget, seed: number, ms: number, first = 0): Promise<Fuzzed> {
  await using open = await target.open();
  const failures: Fuzzed["failures"] = [];
  const until = performance.now() + ms;
  let trial = first;
  do {
    try {
      await open.trial(createRandom(seed * 1_000_003 + trial));
    } catch (error) {
      failures.push({ trial, error });
    }
    trial += 1;
    // Else nothing else would get its turn while trials need no wait.
    if (trial % 1_000 === 0) await new Promise(setImmediate);
  } while (performance.now() < until && failures.length < mostFailures);
  return { trials: trial - first, failures };
}
