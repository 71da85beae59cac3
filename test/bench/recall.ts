import type { Recollection } from "../../src/memory/memory.ts";
import { type Row, rounded } from "./report.ts";

/** The share of the evidence that is among the lines of these results. */
export function shareOf(evidence: readonly number[], results: readonly Recollection[]): number {
  const found = new Set(results.flatMap(({ lines }) => lines.map(({ entry }) => entry)));
  return evidence.filter((entry) => found.has(entry)).length / evidence.length;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean gain over all questions, in points, and its 95 % interval: each question is compared with itself. */
export function gainRow(within: number, ours: readonly number[], theirs: readonly number[]): Row {
  const gains = ours.map((one, index) => one - (theirs[index] ?? 0));
  const gain = mean(gains);
  const variance = gains.reduce((sum, one) => sum + (one - gain) ** 2, 0) / (gains.length - 1);
  const half = 1.96 * Math.sqrt(variance / gains.length);
  return {
    within,
    gain: rounded(100 * gain),
    from: rounded(100 * (gain - half)),
    to: rounded(100 * (gain + half)),
  };
}
