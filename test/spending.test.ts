import { beforeEach, describe, expect, it } from "vitest";
import { createSpending, type DayLimits } from "../src/spending.ts";
import type { Store } from "../src/store/store.ts";
import { type Clock, clockAt, temporaryStore } from "./support/temporary.ts";

let clock: Clock;
let store: Store;
beforeEach(() => {
  clock = clockAt("2026-11-20T12:00:00Z");
  store = temporaryStore(clock.now);
});

function spend(inputTokens: number, outputTokens = 0, cost?: number, model = "small"): void {
  store.usage.add({ agent: "Memtrix", model, inputTokens, outputTokens, cachedTokens: 0, cost });
}
const reached = (limits: Partial<DayLimits>) =>
  createSpending(
    store.usage,
    { tokens_per_day: null, cost_per_day: null, ...limits },
    clock.now,
    "Europe/Berlin",
  ).capReached();

describe("the limits of a day", () => {
  it("are off unless they are set", () => {
    spend(1_000_000_000, 1_000_000_000, 1_000);
    expect(reached({})).toBeUndefined();
  });

  it("count the tokens in and out of all models, and are reached at the number itself", () => {
    spend(600, 100);
    spend(200, 99, undefined, "large");
    expect(reached({ tokens_per_day: 1_000 })).toBeUndefined();
    spend(0, 1);
    expect(reached({ tokens_per_day: 1_000 })).toBe(
      "Today's limit of 1000 tokens (limits.tokens_per_day) is used up. It begins anew at midnight; raise it in data/config.json.",
    );
  });

  it("count what is known of the cost", () => {
    spend(1, 1, 0.4);
    spend(1, 1);
    spend(1, 1, 0.5, "large");
    expect(reached({ cost_per_day: 1 })).toBeUndefined();
    spend(1, 1, 0.2);
    expect(reached({ cost_per_day: 1 })).toMatch(/^Today's limit of \$1 \(limits\.cost_per_day\) is used up\./);
  });

  it("of nothing allow nothing", () => {
    expect(reached({ tokens_per_day: 0 })).toBeDefined();
    expect(reached({ cost_per_day: 0 })).toBeDefined();
  });

  it("begin anew at the owner's midnight, also on the day of 25 hours", () => {
    const limits = { tokens_per_day: 100 };
    clock.set("2026-10-24T21:59:59Z");
    spend(100);
    expect(reached(limits)).toBeDefined();
    clock.set("2026-10-24T22:00:00Z"); // Midnight in Berlin.
    expect(reached(limits)).toBeUndefined();
    spend(100);
    clock.set("2026-10-25T22:59:59Z"); // 25 hours less a second later, still the 25th.
    expect(reached(limits)).toBeDefined();
    clock.set("2026-10-25T23:00:00Z");
    expect(reached(limits)).toBeUndefined();
  });
});
