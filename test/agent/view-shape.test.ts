import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelMessage } from "ai";
import { expect, it } from "vitest";
import { readView } from "../../src/agent/history.ts";
import { toolResult } from "../../src/agent/messages.ts";
import { openStore } from "../../src/store/store.ts";

/** The same numbers for the same seed, from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}

/** What a strict chat template, or a server that looks closely, would not take. */
function faultsOf(messages: readonly ModelMessage[]): string[] {
  const faults: string[] = [];
  const unanswered = new Set<string>();
  if (messages[0]?.role !== "user") faults.push("it does not begin with the person");
  if (messages.at(-1)?.role === "assistant") faults.push("it ends with the agent");
  for (const [index, { role, content }] of messages.entries()) {
    if (role === messages[index - 1]?.role) faults.push(`${role} twice in a row`);
    if (role !== "tool" && unanswered.size > 0) faults.push("a call without its result");
    if (content.length === 0) faults.push(`${role} says nothing`);
    if (role !== "tool") unanswered.clear();
    for (const part of typeof content === "string" ? [] : content) {
      if (part.type === "tool-call") unanswered.add(part.toolCallId);
      if (part.type === "tool-result" && !unanswered.delete(part.toolCallId)) faults.push("a result without its call");
    }
  }
  return faults;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "every view of any history has a shape that every model takes (%i)",
  (seed) => {
    const next = numbers(seed);
    const directory = mkdtempSync(join(tmpdir(), "memtrix-"));
    const store = openStore(directory);
    const session = store.sessions.current("main", "c").id;
    const budgetTokens = 200 + Math.floor(next() * 3_000);
    const words = () => `${"w".repeat(next() ** 4 * 8_000)} ${next()}`;
    const faults: string[] = [];

    for (let run = 1; run <= 25; run++) {
      const base = { session, run, at: new Date(), sender: "x", origin: "agent" } as const;
      const look = () => {
        const { messages } = readView({
          ...{ log: store.log, sessions: store.sessions, session: store.sessions.get(session) },
          ...{ run, context: "[now]", budgetTokens },
        });
        faults.push(...faultsOf(messages));
        if (!JSON.stringify(messages).includes("[now]")) faults.push("the run's own message is missing");
      };
      const say = () => store.log.append([{ ...base, role: "user", text: words() }]);

      say();
      look();
      for (let step = Math.floor(next() * 5); step > 0; step--) {
        const ids = Array.from({ length: 1 + next() * 3 }, () => `call ${next()}`);
        const calls = ids.map((toolCallId) => ({ type: "tool-call", toolCallId, toolName: "look", input: {} }));
        const results = ids.map((id) => {
          const text = words();
          const origin = next() < 0.2 ? ("web" as const) : base.origin;
          return { ...base, role: "tool" as const, origin, text, content: toolResult(id, "look", text, false) };
        });
        store.log.append([{ ...base, role: "assistant", text: "", content: calls }, ...results]);
        if (next() < 0.2) say();
        look();
      }
      // One in ten was killed, and never taken up again.
      if (next() > 0.1) store.log.append([{ ...base, role: "assistant", text: words() }]);
    }
    store[Symbol.dispose]();
    rmSync(directory, { recursive: true });
    expect(faults).toEqual([]);
  },
);
