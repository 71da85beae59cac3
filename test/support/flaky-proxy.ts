import { jsonAnswer, type LoopbackProxy, startProxy } from "./proxy.ts";

/** What becomes of one request. The homeserver has it after `answer-lost` and `passed`, and after these alone. */
export type Fate = "reset" | "answer-lost" | "hangs" | "limited" | "passed";

export interface FlakyProxyOptions {
  target: string;
  /** What is to become of the next request, which is for this path. */
  fateOf(path: string): Fate;
  retryAfterMs?: number;
}

/** How much of all is to go wrong, and how; the rest passes. */
export type Shares = Partial<Record<Exclude<Fate, "passed">, number>>;

/** A fate by chance; `random` gives numbers from 0 to 1. */
export function atRandom(shares: Shares, random: () => number): () => Fate {
  return () => {
    let left = random();
    for (const [name, share] of Object.entries(shares)) {
      left -= share;
      if (left < 0) return name as Fate;
    }
    return "passed";
  };
}

export interface FlakyProxy extends LoopbackProxy {
  /** What became of the requests so far. */
  fates: Record<Fate, number>;
  /** From now on all passes. */
  mend(): void;
}

/** Stands before a homeserver on loopback as a bad network and a busy server would. */
export async function startFlakyProxy(options: FlakyProxyOptions): Promise<FlakyProxy> {
  const { target, fateOf, retryAfterMs = 300 } = options;
  const fates: Record<Fate, number> = { reset: 0, "answer-lost": 0, hangs: 0, limited: 0, passed: 0 };
  let isMended = false;

  const proxy = await startProxy(target, async ({ path, forward }) => {
    const fate = isMended ? "passed" : fateOf(path);
    fates[fate]++;
    if (fate === "hangs") return "silence";
    if (fate === "reset") return "reset";
    if (fate === "limited")
      return jsonAnswer(429, {
        ...{ errcode: "M_LIMIT_EXCEEDED", error: "Too Many Requests", retry_after_ms: retryAfterMs },
      });
    const answer = await forward();
    return fate === "answer-lost" ? "reset" : answer;
  });
  return {
    ...{ ...proxy, fates },
    mend() {
      isMended = true;
    },
  };
}
