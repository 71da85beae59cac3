import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/agent/canonical.ts";
import { type PermissionOptions, permission } from "../../src/agent/permission.ts";
import type { WebRequest } from "../../src/agent/policy.ts";
import type { Decision, Question } from "../../src/reply.ts";
import type { NewApproval } from "../../src/store/approvals.ts";
import type { Effect, Tool, ToolContext } from "../../src/tool.ts";

interface Given extends Partial<Omit<PermissionOptions, "context">> {
  tainted?: boolean;
  signal?: AbortSignal;
  /** Those who read along. */
  others?: string[];
  /** The conversation is another agent: there is no reply. */
  withoutReply?: boolean;
  /** What the owner says. */
  says?(question: Question, signal: AbortSignal): Decision | Promise<Decision>;
  /** What the call would send out. */
  request?: WebRequest;
}

/** One call put to the policy, with everything that comes of it. */
function scene(tool: Partial<Tool>, given: Given = {}) {
  const { tainted = false, signal = new AbortController().signal, others, withoutReply, says, request } = given;
  const questions: Question[] = [];
  const approvals: NewApproval[] = [];
  const settled: unknown[][] = [];
  const trail: unknown[] = [];
  const waits: number[] = [];
  const opened: WebRequest[] = [];
  const requestsOf: unknown[] = [];
  const reply = withoutReply ? undefined : { others: async () => others ?? [] };
  const options: PermissionOptions = {
    context: { tainted, signal, reply } as unknown as ToolContext,
    ...{ run: 7, asker: "owner", askMs: 5_000, labels: [], taints: [] },
    ask:
      says &&
      (async (question, patience) => {
        questions.push(question);
        return says(question, patience);
      }),
    approvals: {
      open: (approval) => approvals.push(approval) + 40,
      settle: (...what) => void settled.push(what),
      withdraw: () => [],
    },
    guard: {
      async requestOf(_tool, input) {
        requestsOf.push(input);
        return request;
      },
      opened: (one) => void opened.push(one),
    },
    audit: (decision) => void trail.push(decision),
    onWaited: (durationMs) => void waits.push(durationMs),
    ...given,
  };
  const whole = { name: "do_it", description: "", effects: [] as Effect[], ...tool } as Tool;
  const input = { path: "a" };
  const outcome = permission(whole, input, { id: "call-1", name: whole.name, input }, options);
  return { outcome, questions, approvals, settled, trail, waits, opened, requestsOf };
}

const argumentsHash = hashOf({ path: "a" });
const line = (verdict: string, labels: string[], effects: Effect[] = ["destroys"]) => ({
  ...{ tool: "do_it", effects, verdict, labels, argumentsHash },
});
const destroys: Partial<Tool> = { effects: ["destroys"] };

describe("a call that nobody need be asked about", () => {
  it("runs, and leaves a line with what was known of it", async () => {
    const one = scene({ effects: ["remembers"] }, { labels: ["untrusted"], tainted: true });
    expect(await one.outcome).toBeUndefined();
    expect(one.trail).toEqual([line("run", ["untrusted", "nobody-there"], ["remembers"])]);
  });

  it("is counted as opened where something of it goes out, in a tainted run only", async () => {
    const request: WebRequest = {
      ...{ kind: "address", named: "result", domain: "example.org", openedThere: 0, openedInAll: 0 },
    };
    const tainted = scene({ effects: ["reads-web"] }, { tainted: true, request, says: () => "yes" });
    expect(await tainted.outcome).toBeUndefined();
    expect(tainted.opened).toEqual([request]);
    expect(tainted.requestsOf).toEqual([{ path: "a" }]);
    const clean = scene({ effects: ["reads-web"] }, { request, says: () => "yes" });
    expect(await clean.outcome).toBeUndefined();
    expect(clean.opened).toEqual([]);
    expect(clean.requestsOf).toEqual([]);
  });

  it("is not counted where nothing of it is known", async () => {
    const one = scene({ effects: ["writes"] }, { tainted: false, says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.opened).toEqual([]);
  });
});

describe("a guest's call", () => {
  it("is refused before the tool has looked: even that there is nothing is none of their business", async () => {
    let looked = false;
    const confirm = async () => {
      looked = true;
      return undefined;
    };
    const one = scene({ ...destroys, confirm }, { asker: "guest", labels: ["untrusted"], says: () => "yes" });
    expect(await one.outcome).toBe("Only the owner may have this done.");
    expect(one.trail).toEqual([line("refuse", ["untrusted", "guest"])]);
    expect(looked).toBe(false);
    expect(one.questions).toEqual([]);
  });

  it("without effects runs, and the line says who asked", async () => {
    const one = scene({}, { asker: "guest", says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.trail).toEqual([line("run", ["guest"], [])]);
  });
});

describe("what the line says of a call", () => {
  const address = (named: "owner" | "result" | undefined): WebRequest => ({
    ...{ kind: "address", named, domain: "example.org", openedThere: 0, openedInAll: 0 },
  });
  const query = (isPrivate: boolean): WebRequest => ({ kind: "query", characters: 4, isPrivate });

  it.each<[string, WebRequest, string[]]>([
    ["that the owner has named the address", address("owner"), ["named-by-owner"]],
    ["that a result has", address("result"), ["named-by-result"]],
    ["that nobody has", address(undefined), ["unnamed"]],
    ["that the words are the owner's own", query(true), ["private"]],
    ["nothing of words that are not", query(false), []],
  ])("is %s", async (_what, request, labels) => {
    const one = scene({ effects: ["reads-web"] }, { tainted: true, request, says: () => ({ no: "" }) });
    await one.outcome;
    expect(one.trail[0]).toMatchObject({ labels });
  });

  it("is that others read along, where something is sent, and nowhere else", async () => {
    const others = ["@eve:example.org"];
    const sends = scene({ effects: ["sends"] }, { others, says: () => ({ no: "" }) });
    expect(await sends.outcome).toContain("The owner said no");
    expect(sends.trail[0]).toMatchObject({ verdict: "ask", labels: ["others-read"] });
    expect(sends.questions[0]?.text).toContain("@eve:example.org");
    const writes = scene({ effects: ["writes"] }, { others, says: () => "yes" });
    expect(await writes.outcome).toBeUndefined();
    expect(writes.trail).toEqual([line("run", [], ["writes"])]);
  });

  it("is nothing of others where an agent asks, which is no room", async () => {
    const one = scene({ effects: ["sends"] }, { withoutReply: true, says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.trail).toEqual([line("run", [], ["sends"])]);
  });
});

describe("a question", () => {
  it("is not put where nobody is: the call is refused", async () => {
    const one = scene(destroys);
    expect(await one.outcome).toBe("This needs the owner's yes, and nobody is there to ask.");
    expect(one.trail).toEqual([line("refuse", ["nobody-there"])]);
    expect(one.approvals).toEqual([]);
  });

  it("is for one exact call: tool, arguments, and the bytes that it takes from a file", async () => {
    const one = scene(
      { ...destroys, contentHash: async () => "hash of the bytes" },
      { taints: ["a page"], says: () => "yes" },
    );
    expect(await one.outcome).toBeUndefined();
    const text = expect.stringContaining("I have read text from outside: `a page`.");
    const call = { id: "call-1", name: "do_it", input: { path: "a" } };
    expect(one.questions).toEqual([{ call, argumentsHash, contentHash: "hash of the bytes", text }]);
    expect(one.approvals).toEqual([{ run: 7, call: "call-1", tool: "do_it", argumentsHash, question: text }]);
    expect(one.approvals[0]?.question).toBe(one.questions[0]?.text);
  });

  it("shows the address or the words that would leave", async () => {
    const address = scene(
      { effects: ["reads-web", "destroys"], address: () => "http://example.org/x" },
      { says: () => "yes" },
    );
    await address.outcome;
    expect(address.questions[0]?.text).toContain('- the address: `"http://example.org/x"`');
    const query = scene({ effects: ["reads-web", "destroys"], query: () => "some words" }, { says: () => "yes" });
    await query.outcome;
    expect(query.questions[0]?.text).toContain('- the words: `"some words"`');
  });

  it("says in the tool's own words what is asked", async () => {
    const one = scene({ ...destroys, confirm: async () => "Delete `a`?" }, { says: () => "yes" });
    await one.outcome;
    expect(one.questions.map(({ text }) => text)).toEqual(["Delete `a`?"]);
  });

  it("is put for what a tool writes in a tainted run, unless the tool looks itself", async () => {
    const blind = scene({ effects: ["writes"] }, { tainted: true, says: () => "yes" });
    await blind.outcome;
    expect(blind.questions).toHaveLength(1);
    const looks = scene({ effects: ["writes"], confirm: async () => undefined }, { tainted: true, says: () => "yes" });
    await looks.outcome;
    expect(looks.questions).toEqual([]);
  });

  it("is put by a tool without effects that wants it, and not by one that does not", async () => {
    const asks = scene({ confirm: async () => "Shall I?" }, { says: () => "yes" });
    await asks.outcome;
    expect(asks.questions).toHaveLength(1);
    const quiet = scene({ effects: ["privileged"], confirm: async () => undefined }, { says: () => "yes" });
    await quiet.outcome;
    expect(quiet.questions).toEqual([]);
  });
});

describe("the owner's yes", () => {
  it("is written down, and the call is made", async () => {
    const one = scene(destroys, { says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.settled).toEqual([[41, "yes"]]);
    expect(one.trail).toEqual([line("ask", []), line("yes", [])]);
  });

  it("is not for what the tool asks by now", async () => {
    const asked = ["Delete 1 file?", "Delete 2 files?", "Delete 2 files?", "Delete 2 files?"];
    const one = scene({ ...destroys, confirm: async () => asked.shift() }, { says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.questions.map(({ text }) => text)).toEqual(["Delete 1 file?", "Delete 2 files?"]);
    expect(one.trail.map((each) => (each as { verdict: string }).verdict)).toEqual([
      ...["ask", "yes", "changed"],
      ...["ask", "yes"],
    ]);
    expect(one.trail[2]).toEqual(line("changed", []));
  });

  it("is not for what stands in the file by now, although the question reads the same", async () => {
    const hashes = ["first", "second", "second", "second"];
    const one = scene({ ...destroys, contentHash: async () => hashes.shift() ?? "" }, { says: () => "yes" });
    expect(await one.outcome).toBeUndefined();
    expect(one.questions.map(({ contentHash }) => contentHash)).toEqual(["first", "second"]);
  });

  it("that comes too late is none", async () => {
    const one = scene(destroys, {
      askMs: 20,
      async says(_question, patience): Promise<Decision> {
        if (!patience.aborted) await new Promise((resolve) => patience.addEventListener("abort", resolve));
        return "yes";
      },
    });
    expect(await one.outcome).toBe("The owner did not answer in time, so it was not done. Say so; do not try again.");
    expect(one.settled).toEqual([[41, "expired"]]);
    expect(one.trail).toEqual([line("ask", []), line("expired", [])]);
  });
});

describe("without an answer", () => {
  it("the call is not made, and the model is told to leave it", async () => {
    const one = scene(destroys, { says: () => "expired" });
    expect(await one.outcome).toBe("The owner did not answer in time, so it was not done. Say so; do not try again.");
    expect(one.settled).toEqual([[41, "expired"]]);
    expect(one.trail).toEqual([line("ask", []), line("expired", [])]);
  });
});

describe("the owner's no", () => {
  it("is handed on with what they said, and written down", async () => {
    const one = scene(destroys, { says: () => ({ no: "  keep it, please " }) });
    expect(await one.outcome).toBe(
      'The owner said no and said: "keep it, please". It was not done. Respect that; do not try another way.',
    );
    expect(one.settled).toEqual([[41, "no", "  keep it, please "]]);
    expect(one.trail).toEqual([line("ask", []), line("no", [])]);
  });

  it("needs no words", async () => {
    const one = scene(destroys, { says: () => ({ no: "  " }) });
    expect(await one.outcome).toBe("The owner said no. It was not done. Respect that; do not try another way.");
  });
});

describe("the time a person takes", () => {
  it("is told, so that it does not count as work", async () => {
    const says = () => sleep<Decision>(60, "yes");
    const one = scene(destroys, { says });
    await one.outcome;
    expect(one.waits).toHaveLength(1);
    expect(one.waits[0]).toBeGreaterThan(50);
    expect(one.waits[0]).toBeLessThan(5_000);
  });
});

describe("while a question is open", () => {
  it.each([
    ["/stop closes it", "stop", [[41, "expired"]]],
    ["the end of the program leaves it open, for the next start to withdraw", "shutdown", []],
  ])("%s, and nothing is done", async (_what, reason, settled) => {
    const stopping = new AbortController();
    const one = scene(destroys, {
      signal: stopping.signal,
      says(_question, patience) {
        stopping.abort(reason);
        return patience.aborted ? "expired" : "yes";
      },
    });
    await expect(one.outcome).rejects.toBe(reason);
    expect(one.settled).toEqual(settled);
    expect(one.trail).toEqual([line("ask", [])]);
    expect(one.waits).toHaveLength(1);
  });
});
