import { describe, expect, it } from "vitest";
import { fuzz, targets } from "./run.ts";

/** Long enough to notice what is broken at all; `fuzz.ts` goes on for as long as it is told to. */
const ms = 1_000;

describe("made-up input", () => {
  it.each(targets)("does no harm to: $name", async (target) => {
    const { trials, failures } = await fuzz(target, 20_261_121, ms);
    expect(failures.map(({ trial, error }) => `trial ${trial}: ${error}`)).toEqual([]);
    expect(trials).toBeGreaterThan(5);
  });
});
