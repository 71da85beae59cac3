import { expect, it } from "vitest";
import { createCompaction } from "../../src/agent/compaction.ts";
import { readView, readViewThatFits, type View } from "../../src/agent/history.ts";
import { toolResult } from "../../src/agent/messages.ts";
import { tokensIn } from "../../src/agent/tokens.ts";
import { silent } from "../../src/log.ts";
import type { Origin } from "../../src/origin.ts";
import { scriptedModel } from "../support/scripted-model.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryStore } from "../support/temporary.ts";

/** Says again all that it is told, but for the system prompt. */
const parrot = () =>
  scriptedModel(({ prompt }) =>
    [...new Set(JSON.stringify(prompt).match(/\b(?:CLEAN|DERIVED|FOREIGN)\d+/g))].join(" "),
  );

it.each([1, 2, 3, 4, 5, 6])(
  "whatever is said, by whom and in which order, no summary holds words of a kind that is not its own (%i)",
  async (seed) => {
    const next = seededRandom(seed);
    const store = temporaryStore();
    const session = store.sessions.current("main", "c");
    const budgetTokens = 1_200 + Math.floor(next() * 2_000);
    const faults: string[] = [];
    let word = 0;
    const kinds: Partial<Record<Origin, string>> = { guest: "FOREIGN", web: "FOREIGN", derived: "DERIVED" };
    const words = (origin: Origin) => `${kinds[origin] ?? "CLEAN"}${++word} ${"so ".repeat(next() ** 3 * 400)}`;

    for (let number = 1; number <= 60; number++) {
      const run = store.runs.begin(session.id);
      const base = { session: session.id, run: run.id, at: new Date() };
      const look = async () => {
        const options = {
          ...store,
          session: store.sessions.get(session.id),
          run: run.id,
          context: "[now] ",
          budgetTokens,
        };
        let view: View | undefined = readViewThatFits(options);
        if (!view) {
          const model = {
            name: "parrot",
            provider: {},
            model: parrot(),
            parameters: {},
            contextTokens: async () => 1e6,
          };
          const { makeRoom } = createCompaction({
            ...{ store, session: options.session, run, name: "Memtrix", model, tools: new Map(), timezone: "UTC" },
            ...{ callTool: undefined, dayIsOver: () => false, onNotice() {}, onWait() {}, log: silent },
            signal: new AbortController().signal,
          });
          await makeRoom(budgetTokens, "You are Memtrix.");
          view = readView(options);
        }
        if (view.tokens > budgetTokens) faults.push(`${view.tokens} of ${budgetTokens} tokens`);
        const seen = JSON.stringify(view.messages);
        if (!seen.includes("[now]")) faults.push("the run's own message is missing");
        if (view.taints.length > 0 !== /FOREIGN/.test(seen)) faults.push("the taint is not that of the view");
        if (tokensIn(seen) > budgetTokens * 1.5) faults.push("the estimate is far off");
      };
      const asker = next() < 0.2 ? "guest" : "owner";
      store.log.append([{ ...base, role: "user", sender: asker, origin: asker, text: words(asker) }]);
      await look();
      let said: Origin = asker === "guest" || next() < 0.2 ? "derived" : "agent";
      for (let step = Math.floor(next() * 4); step > 0; step--) {
        const id = `call ${++word}`;
        const calls = [{ type: "tool-call", toolCallId: id, toolName: "look", input: { at: words(said) } }];
        const origin = next() < 0.2 ? "web" : "agent";
        const text = words(said === "derived" && origin === "agent" ? "derived" : origin);
        const content = toolResult(id, "look", text, false);
        store.log.append([
          { ...base, role: "assistant", sender: "Memtrix", origin: said, text: "", content: calls },
          { ...base, role: "tool", sender: "look", origin, text, content },
        ]);
        if (origin === "web") said = "derived";
        await look();
      }
      store.log.append([{ ...base, role: "assistant", sender: "Memtrix", origin: said, text: words(said) }]);
      store.runs.end(run, "answered");
    }

    const summary = store.summaries.current(session.id);
    const text = (origin: string) => summary?.spans.find((span) => span.origin === origin)?.text ?? "";
    expect(text("agent")).toMatch(/CLEAN/);
    expect(text("agent")).not.toMatch(/DERIVED|FOREIGN/);
    expect(text("derived")).toMatch(/DERIVED/);
    expect(text("web")).toMatch(/FOREIGN/);
    expect(text("derived")).not.toMatch(/CLEAN|FOREIGN/);
    expect(text("web")).not.toMatch(/CLEAN|DERIVED/);
    expect(faults).toEqual([]);
  },
  30_000,
);
