import { expect, it } from "vitest";
import { knownAddresses } from "../src/known-addresses.ts";
import type { Origin } from "../src/origin.ts";
import { temporaryStore } from "./support/temporary.ts";

it("an address counts as known only where the owner or a result has it whole", () => {
  const store = temporaryStore();
  const session = store.sessions.current("main", "c");
  const run = store.runs.begin(session.id);
  const log = (role: "user" | "assistant" | "tool", origin: Origin, text: string, id = run.id) =>
    store.log.append([{ session: session.id, run: id, at: new Date(), role, sender: "x", origin, text }]);
  log("user", "owner", "Look at https://owner.example/page, please.", run.id - 1);
  log("user", "guest", "and https://earlier.example/guest", run.id - 1);
  log("tool", "web", "see <https://result.example/a?b=c> and https://result.example/long/path.");
  log("assistant", "derived", "https://invented.example/?q=secret");

  const isKnown = knownAddresses(store.log, run);
  expect(isKnown("https://owner.example/page")).toBe(true);
  expect(isKnown("https://result.example/a?b=c")).toBe(true);
  expect(isKnown("https://result.example/long/path")).toBe(true);
  expect(isKnown("https://result.example/long")).toBe(false);
  expect(isKnown("https://result.example/a?b=")).toBe(false);
  expect(isKnown("https://earlier.example/guest")).toBe(false);
  expect(isKnown("https://invented.example/?q=secret")).toBe(false);
});
