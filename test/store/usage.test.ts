import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import type { UsageEntry } from "../../src/store/usage.ts";
import { dayOf, startOfDay } from "../../src/time.ts";
import { type Clock, clockAt, temporaryStore } from "../support/temporary.ts";

let store: Store;
let clock: Clock;
beforeEach(() => {
  clock = clockAt("2026-11-20T10:00:00Z");
  store = temporaryStore(clock.now);
});

function add(at: string, changes: Partial<UsageEntry> = {}): void {
  clock.set(at);
  store.usage.add({
    agent: "Memtrix",
    model: "small",
    inputTokens: 100,
    outputTokens: 10,
    cachedTokens: 50,
    ...changes,
  });
}
const berlin = "Europe/Berlin";
const byDay = (from: string, zone = berlin) =>
  store.usage.byDay(startOfDay(from, zone), (at) => dayOf(at, zone)).map(({ day, requests }) => [day, requests]);

describe("usage", () => {
  it("is summed by agent and model, the largest first, from a moment on", () => {
    add("2026-11-19T23:59:59Z", { inputTokens: 9_999_999 });
    add("2026-11-20T00:00:00Z");
    add("2026-11-20T01:00:00Z");
    add("2026-11-20T02:00:00Z", { model: "large", inputTokens: 1_000, cost: 0.25 });
    add("2026-11-20T03:00:00Z", { model: "large", inputTokens: 1_000, cost: 0.5 });
    expect(store.usage.since(new Date("2026-11-20T00:00:00Z"))).toEqual([
      {
        agent: "Memtrix",
        model: "large",
        requests: 2,
        inputTokens: 2_000,
        outputTokens: 20,
        cachedTokens: 100,
        cost: 0.75,
      },
      { agent: "Memtrix", model: "small", requests: 2, inputTokens: 200, outputTokens: 20, cachedTokens: 100 },
    ]);
  });

  it("has a cost where one request said so, and none where nobody did", () => {
    add("2026-11-20T00:00:00Z", { cost: 0 });
    add("2026-11-20T00:00:01Z");
    add("2026-11-20T00:00:02Z", { model: "local" });
    const sums = store.usage.since(new Date(0));
    expect(sums.map(({ model, cost }) => [model, cost])).toEqual([
      ["small", 0],
      ["local", undefined],
    ]);
  });

  it("belongs to the owner's days, newest first", () => {
    add("2026-11-18T22:59:59Z");
    add("2026-11-18T23:00:00Z"); // Midnight in Berlin.
    add("2026-11-20T22:59:59Z");
    expect(byDay("2026-11-18")).toEqual([
      ["2026-11-20", 1],
      ["2026-11-19", 1],
      ["2026-11-18", 1],
    ]);
    expect(byDay("2026-11-18", "America/Los_Angeles")).toEqual([
      ["2026-11-20", 1],
      ["2026-11-18", 2],
    ]);
  });

  it("counts the day of 25 hours and the one of 23 as one day each", () => {
    add("2026-10-24T21:59:59Z");
    add("2026-10-24T22:00:00Z"); // The 25th begins in summer time …
    add("2026-10-25T22:59:59Z"); // … and ends in winter time, 25 hours later.
    add("2026-10-25T23:00:00Z");
    expect(byDay("2026-10-25")).toEqual([
      ["2026-10-26", 1],
      ["2026-10-25", 2],
    ]);

    add("2027-03-27T23:00:00Z");
    add("2027-03-28T21:59:59Z");
    add("2027-03-28T22:00:00Z");
    expect(byDay("2027-03-28")).toEqual([
      ["2027-03-29", 1],
      ["2027-03-28", 2],
    ]);
  });
});
