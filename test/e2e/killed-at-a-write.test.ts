import { describe, expect, it } from "vitest";
import { killAt, type Point, writesOfRun } from "../support/kill-tidy-run.ts";

// A sample; `node test/e2e/kill-at-every-write.ts` goes through all of them.
const sample = 15;

describe("a run that is killed at a write, and started again", () => {
  it("loses nothing, doubles nothing and tears nothing", async () => {
    const writes = await writesOfRun("ollama");
    expect(writes.length).toBeGreaterThan(100);
    const points = Array.from(
      { length: sample },
      (_, index): Point => ({
        moment: index % 2 === 0 ? "after" : "before",
        number: Math.round(((index + 1) * writes.length) / (sample + 1)),
      }),
    );

    for (const point of points) {
      const { killed, faults, write } = await killAt("ollama", point);
      expect({ point, write, killed, faults }).toEqual({ point, write, killed: true, faults: [] });
    }
  }, 120_000);
});
