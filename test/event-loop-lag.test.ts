import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchEventLoopLag } from "../src/event-loop-lag.ts";
import { silent } from "../src/log.ts";

const beat = () => sleep(400);

function watch() {
  const noted: { message: string; ms: number; workedMs: number }[] = [];
  const warn = (message: string, data = {}) =>
    void noted.push({ message, ...(data as { ms: number; workedMs: number }) });
  const lag = watchEventLoopLag({ log: { ...silent, warn }, noteMs: 1_000 });
  onTestFinished(() => lag[Symbol.dispose]());
  return { lag, noted };
}

describe("an event loop that is held", () => {
  it("by work is noted, with how long and that it was work, and is known for a while", async () => {
    const { lag, noted } = watch();
    await beat();
    const [end, before] = [performance.now() + 1_500, process.threadCpuUsage()];
    // The processor is shared with others.
    while (performance.now() < end || process.threadCpuUsage(before).user < 600_000);
    await beat();
    expect(noted[0]?.message).toBe("Everything had to wait");
    expect(noted[0]?.ms).toBeGreaterThanOrEqual(1_200);
    expect(noted[0]?.workedMs).toBeGreaterThan(500);
    await beat();
    expect(lag.worstMs()).toBeGreaterThanOrEqual(noted[0]?.ms ?? 0);
  });

  it("by a wait for something else is told apart from work", async () => {
    const { noted } = watch();
    await beat();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    await beat();
    expect(noted[0]?.ms).toBeGreaterThanOrEqual(1_200);
    expect(noted[0]?.workedMs).toBeLessThan(300);
  });
});
