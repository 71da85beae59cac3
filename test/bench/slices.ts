import { rounded } from "./report.ts";

/** How long work took, and the longest time in which nothing else was done, by the clock and by this thread's processor time. */
export interface Slices {
  ms: number;
  cpuMs: number;
  longestSliceMs: number;
  longestSliceCpuMs: number;
}

/** Looks between any two slices of work: it takes all processor time that is left. */
export function watchSlices(): { end(): Slices } {
  const [began, cpuBegan] = [performance.now(), cpuNow()];
  let [at, cpuAt] = [began, cpuBegan];
  let [longest, longestCpu] = [0, 0];
  let timer = setImmediate(look);

  function look(): void {
    const [now, cpu] = [performance.now(), cpuNow()];
    longest = Math.max(longest, now - at);
    longestCpu = Math.max(longestCpu, cpu - cpuAt);
    [at, cpuAt] = [now, cpu];
    timer = setImmediate(look);
  }

  return {
    end() {
      clearImmediate(timer);
      return {
        ms: Math.round(performance.now() - began),
        cpuMs: Math.round(cpuNow() - cpuBegan),
        longestSliceMs: rounded(longest),
        longestSliceCpuMs: rounded(longestCpu),
      };
    },
  };
}

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
