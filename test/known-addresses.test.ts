import { describe, expect, it } from "vitest";
import { createKnownAddresses } from "../src/known-addresses.ts";
import type { Origin } from "../src/origin.ts";
import { temporaryStore } from "./support/temporary.ts";

type Said = [
  role: "user" | "tool",
  origin: Origin,
  text: string,
  how?: { tool?: string; input?: unknown; failed?: boolean },
];

/** What was said in the session, and what is then known of an address. */
function namedBy(address: string, ...said: Said[]) {
  const store = temporaryStore();
  const session = store.sessions.current("main", "c");
  const run = store.runs.begin(session.id);
  const inputs = new Map<string, unknown>();
  for (const [index, [role, origin, text, { tool = "fetch_url", input = {}, failed = false } = {}]] of said.entries()) {
    const output = { type: failed ? "error-text" : "text", value: text };
    const content = { type: "tool-result", toolCallId: `${index}`, toolName: tool, output };
    inputs.set(`${index}`, input);
    const entry = {
      session: session.id,
      run: run.id,
      at: new Date(),
      role,
      sender: role === "tool" ? tool : "@a",
      origin,
    };
    store.log.append([{ ...entry, text, ...(role === "tool" ? { content } : {}) }]);
  }
  const known = createKnownAddresses({
    ...{ heard: store.heard("main"), session: session.id },
    kindOf: (tool) => ({ fetch_url: "web" as const, read_file: "own" as const })[tool],
    argumentsOf: ({ id }) => JSON.stringify(inputs.get(id)),
  });
  return known(address);
}

describe("an address is the owner's", () => {
  it.each([
    ["https://owner.example/page", "Look at https://owner.example/page, please."],
    ["https://owner.example/page", "Look at (https://owner.example/page)!"],
    ["https://owner.example/page", "https://owner.example/page#part two"],
    ["https://owner.example/", "what is on owner.example?"],
    ["https://owner.example", "see https://Owner.Example/"],
    ["http://owner.example/a?b=c&d=%20e", "**owner.example/a?b=c&d=%20e**"],
    ["https://en.example/wiki/Foo_(bar)", "[this](https://en.example/wiki/Foo_(bar))"],
    ["https://xn--mnchen-3ya.example/x", "https://xn--mnchen-3ya.example/x"],
    ["https://münchen.example/x", "https://münchen.example/x"],
  ])("%s in %j", (address, text) => expect(namedBy(address, ["user", "owner", text])).toBe("owner"));

  it.each([
    ["https://owner.example/page", "https://owner.example/page/two"],
    ["https://owner.example/pag", "https://owner.example/page"],
    ["https://owner.example/PAGE", "https://owner.example/page"],
    ["https://owner.example/?q=secret", "https://owner.example/"],
    ["https://owner.example/", "https://notowner.example/"],
    ["https://owner.example/", "https://owner.example.evil.example/"],
    ["https://owner.example/", "https://owner.example@evil.example/"],
    ["https://evil.example/x", "https://owner.example/?to=https://evil.example/xy"],
    ["https://example.com:8443/x", "https://example.com/x"],
    ["", "anything"],
    ["https://", "https://"],
  ])("only when it is whole: not %s in %j", (address, text) =>
    expect(namedBy(address, ["user", "owner", text])).toBeUndefined(),
  );

  it("whenever it was said, in whichever session, and nobody else's word will do", () => {
    const store = temporaryStore();
    const say = (agent: string, origin: Origin, text: string) => {
      const session = store.sessions.begin(agent, "c");
      store.log.append([{ session: session.id, run: 1, at: new Date(), role: "user", sender: "@a", origin, text }]);
      return session.id;
    };
    say("main", "owner", "https://long-ago.example/x");
    say("gardener", "owner", "https://other-agent.example/x");
    const session = say("main", "guest", "https://guest.example/x");
    const known = createKnownAddresses({
      ...{ heard: store.heard("main"), session, kindOf: () => undefined, argumentsOf: () => "" },
    });
    expect(known("https://long-ago.example/x")).toBe("owner");
    expect(known("https://other-agent.example/x")).toBeUndefined();
    expect(known("https://guest.example/x")).toBeUndefined();
  });
});

describe("an address is a result's", () => {
  const text = "see <https://result.example/a?b=c> and [this](https://result.example/long/path).";

  it("when a page or a search has it whole", () => {
    expect(namedBy("https://result.example/a?b=c", ["tool", "web", text])).toBe("result");
    expect(namedBy("https://result.example/long/path", ["tool", "web", text])).toBe("result");
    expect(namedBy("https://result.example/long", ["tool", "web", text])).toBeUndefined();
    expect(namedBy("https://result.example/a?b=", ["tool", "web", text])).toBeUndefined();
  });

  it("not when the call had it in its own arguments: a result may repeat what the model composed", () => {
    const input = { query: "HTTPS://evil.example/?q=CANARY" };
    expect(
      namedBy("https://evil.example/?q=CANARY", [
        "tool",
        "web",
        "No hits for https://evil.example/?q=CANARY",
        { input },
      ]),
    ).toBeUndefined();
  });

  it("not when a call failed, or the tool does something else than read", () => {
    expect(namedBy("https://result.example/a?b=c", ["tool", "web", text, { failed: true }])).toBeUndefined();
    expect(namedBy("https://result.example/a?b=c", ["tool", "agent", text, { tool: "create_file" }])).toBeUndefined();
  });

  it("when a file of the owner's has it, and not when one that a tainted run wrote has", () => {
    const file = { tool: "read_file", input: { path: "links.md" } };
    expect(namedBy("https://result.example/a?b=c", ["tool", "agent", text, file])).toBe("result");
    expect(namedBy("https://result.example/a?b=c", ["tool", "web", text, file])).toBeUndefined();
  });
});
