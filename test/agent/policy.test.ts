import { describe, expect, it } from "vitest";
import {
  decide,
  defaultLimits,
  mustConclude,
  reasonToEnd,
  type Situation,
  type WebRequest,
} from "../../src/agent/policy.ts";
import type { RunState } from "../../src/store/runs.ts";
import { type Effect, effectNames } from "../../src/tool.ts";

const situation = (effects: readonly Effect[], changes: Partial<Situation> = {}): Situation => ({
  ...{ effects, confirms: false, question: undefined, tainted: false, asker: "owner", someoneThere: true },
  ...{ request: undefined, others: [] },
  ...changes,
});
const verdict = (...args: Parameters<typeof situation>) => decide(situation(...args)).kind;

describe("the policy", () => {
  // effect · clean run · untrusted in it · untrusted and nobody there to ask
  it.each([
    ["none", [], "run", "run", "run"],
    ["local reading", ["reads-private"], "run", "run", "run"],
    ["reads-web", ["reads-web"], "run", "ask", "refuse"],
    ["remembers", ["remembers"], "run", "run", "run"],
    ["writes", ["writes"], "run", "ask", "refuse"],
    ["sends", ["sends"], "run", "ask", "refuse"],
    ["reacts", ["reacts"], "run", "run", "run"],
    ["delegates", ["delegates"], "run", "run", "run"],
    ["destroys", ["destroys"], "ask", "ask", "refuse"],
    ["privileged", ["privileged"], "ask", "ask", "refuse"],
  ] as const)("%s", (_name, effects, clean, tainted, alone) => {
    expect(verdict(effects)).toBe(clean);
    expect(verdict(effects, { tainted: true })).toBe(tainted);
    expect(verdict(effects, { tainted: true, someoneThere: false })).toBe(alone);
  });

  it("asks what the tool itself wants asked, whatever its effects", () => {
    for (const effect of effectNames) expect(verdict([effect], { confirms: true, question: "Sure?" })).toBe("ask");
    expect(verdict([], { confirms: true, question: "Sure?", someoneThere: false })).toBe("refuse");
  });

  it("lets a new file be written in a tainted run when the tool has looked and asks nothing", () => {
    expect(verdict(["writes"], { tainted: true, confirms: true })).toBe("run");
    expect(verdict(["writes"], { tainted: true, confirms: true, someoneThere: false })).toBe("run");
  });

  it("asks before a core file is written in a tainted run, and not in a clean one", () => {
    expect(verdict(["privileged"], { confirms: true })).toBe("run");
    expect(verdict(["privileged"], { confirms: true, tainted: true })).toBe("ask");
  });

  it("goes by the worst of several effects", () => {
    expect(verdict(["remembers", "destroys"])).toBe("ask");
    expect(verdict(["remembers", "destroys"], { someoneThere: false })).toBe("refuse");
  });

  it("refuses a guest everything that has an effect, or reads what is the owner's", () => {
    for (const effect of effectNames) expect(verdict([effect], { asker: "guest" })).toBe("refuse");
    expect(verdict([], { asker: "guest" })).toBe("run");
  });

  it("refuses a guest also what would have to be asked first: nobody but the owner could say yes", () => {
    expect(decide(situation([], { asker: "guest", question: "Sure?" }))).toEqual({
      kind: "refuse",
      reason: "Only the owner may have this done.",
    });
  });

  it("tells the model that nobody is there to ask", () => {
    expect(decide(situation(["destroys"], { someoneThere: false }))).toEqual({
      kind: "refuse",
      reason: "This needs the owner's yes, and nobody is there to ask.",
    });
  });

  it.each([["writes"], ["sends"], ["privileged"], ["destroys"]] as const)(
    "asks about %s without a reason: the call itself says it",
    (effect) => {
      expect(decide(situation([effect], { tainted: true }))).toEqual({ kind: "ask", why: undefined });
    },
  );

  it("gives the owner every reason there is, in sentences one after another", () => {
    const effects: Effect[] = ["destroys", "reads-web", "writes", "sends"];
    expect(decide(situation(effects, { tainted: true, others: ["@a:example.org"] }))).toEqual({
      kind: "ask",
      why: "What leaves with it cannot be told. These people read along: @a:example.org.",
    });
  });

  it("asks for an effect that it does not know", () => {
    expect(verdict(["explodes" as Effect])).toBe("ask");
  });
});

describe("what leaves in a tainted run", () => {
  const address = (changes: object = {}): WebRequest => ({
    ...{ kind: "address", named: "result", domain: "example.com", openedThere: 0, openedInAll: 0 },
    ...changes,
  });
  const query = (characters: number, isPrivate = false): WebRequest => ({ kind: "query", characters, isPrivate });
  const tainted = (request: WebRequest | undefined, someoneThere = true) =>
    decide(situation(["reads-web"], { tainted: true, request, someoneThere }));

  it.each([
    ["an address that the owner typed", address({ named: "owner", openedThere: 3, openedInAll: 10 }), "run", "run"],
    ["one that a result has", address(), "run", "run"],
    ["the third of its domain", address({ openedThere: 2, openedInAll: 2 }), "run", "run"],
    ["the fourth of its domain", address({ openedThere: 3, openedInAll: 3 }), "ask", "refuse"],
    ["the tenth of the run", address({ openedInAll: 9 }), "run", "run"],
    ["the eleventh of the run", address({ openedInAll: 10 }), "ask", "refuse"],
    ["one that nobody named", address({ named: undefined }), "ask", "refuse"],
    ["a short query", query(256), "run", "run"],
    ["a query with the owner's words in it", query(30, true), "ask", "refuse"],
    ["a query that is too long", query(257), "refuse", "refuse"],
    ["nobody knows what", undefined, "ask", "refuse"],
  ] as const)("%s", (_what, request, there, alone) => {
    expect(tainted(request).kind).toBe(there);
    expect(tainted(request, false).kind).toBe(alone);
  });

  it("is told to the owner with the reason", () => {
    expect(tainted(address({ openedThere: 3 }))).toMatchObject({ why: expect.stringContaining("example.com") });
    expect(tainted(query(30, true))).toMatchObject({ why: expect.stringMatching(/your files/) });
    expect(tainted(address({ named: undefined }))).toMatchObject({ why: expect.stringMatching(/^Neither you nor a/) });
    expect(tainted(address({ openedInAll: 10 }))).toMatchObject({ why: expect.stringMatching(/10 addresses/) });
    expect(tainted(query(257))).toMatchObject({ reason: expect.stringMatching(/at most 256 characters/) });
  });
});

describe("what is sent where others read along", () => {
  it("asks, and names them once", () => {
    const others = ["@mallory:example.org"];
    expect(decide(situation(["sends"], { others }))).toMatchObject({
      kind: "ask",
      why: expect.stringContaining("@mallory"),
    });
    const question = "Send it to a room that @mallory:example.org reads?";
    expect(decide(situation(["sends"], { others, question }))).toMatchObject({ kind: "ask", why: undefined });
    expect(verdict(["sends"], { others, someoneThere: false })).toBe("refuse");
  });

  it("names them all when the tool's own question has left one out", () => {
    const others = ["@mallory:example.org", "@trent:example.org"];
    expect(decide(situation(["sends"], { others, question: "Send it? @mallory:example.org reads it." }))).toEqual({
      kind: "ask",
      why: "These people read along: @mallory:example.org, @trent:example.org.",
    });
  });
});

describe("the limits of a run", () => {
  const state = (changes: Partial<RunState> = {}): RunState => ({
    ...{ steps: 0, calls: 0, refusals: 0, workMs: 0, taints: [], repeats: {}, seen: {}, opened: {}, effects: [] },
    ...changes,
  });

  it("ask for a conclusion after 10 steps or 25 calls", () => {
    expect(mustConclude(state({ steps: 9, calls: 24 }), defaultLimits)).toBe(false);
    expect(mustConclude(state({ steps: 10 }), defaultLimits)).toBe(true);
    expect(mustConclude(state({ calls: 25 }), defaultLimits)).toBe(true);
  });

  it("end it after 10 minutes of work, 5 refusals, or the third same call with the same result", () => {
    expect(
      reasonToEnd(state({ workMs: 599_999, refusals: 4, repeats: { a: 2, b: 2 } }), defaultLimits),
    ).toBeUndefined();
    expect(reasonToEnd(state({ workMs: 600_000 }), defaultLimits)).toMatch(/10 minutes/);
    expect(reasonToEnd(state({ refusals: 5 }), defaultLimits)).toMatch(/5 calls were refused/);
    expect(reasonToEnd(state({ repeats: { a: 3 } }), defaultLimits)).toMatch(/3 times/);
  });
});
