import { describe, expect, it } from "vitest";
import type { AgentEvent } from "../src/agent/events.ts";
import { createMasking, maskedForms } from "../src/config/masking.ts";
import { maskedReply } from "../src/masked-reply.ts";
import type { OutboundFile, Question, Reply } from "../src/reply.ts";
import { seededRandom } from "./support/seeded-random.ts";

const agent = "Memtrix";
const secrets = { KEY: "sk-abc-abc-abc", PASSWORD: "abc-abcX", LONGER: "abc-abcXY-and-more" };

function scene() {
  const shown: AgentEvent[] = [];
  const sent: unknown[] = [];
  const reply: Reply = {
    show: (event) => void shown.push(event),
    render: (text) => [{ text }],
    async ask(question: Question) {
      sent.push(question.text);
      return "yes";
    },
    sendFile: async (file: OutboundFile) => void sent.push(file.caption),
    react: (emoji) => void sent.push(emoji),
    leftOpen: (_rows, sentence) => void sent.push(sentence),
    others: async () => ["@eve:example.org"],
  };
  const forms = maskedForms(new Map(Object.entries(secrets)));
  const masked = maskedReply(
    reply,
    createMasking(() => forms),
  );
  const streamed = (type: AgentEvent["type"] = "text-delta"): string =>
    shown.flatMap((event) => (event.type === type && "text" in event ? [event.text] : [])).join("");
  const stream = (...parts: string[]): void => {
    for (const text of parts) masked.show({ type: "text-delta", agent, text });
  };
  return { masked, shown, sent, streamed, stream };
}

describe("what is streamed", () => {
  it("shows no secret, wherever it is cut in pieces, and loses nothing else", () => {
    const texts = [
      `The key is ${secrets.KEY}, keep it.`,
      `${secrets.PASSWORD}${secrets.LONGER}${secrets.KEY}`,
      `as base64 ${Buffer.from(secrets.LONGER).toString("base64url")} it is`,
      "sk-abc-abc is none, nor is abc-abc",
    ];
    const random = seededRandom(3);
    for (let trial = 0; trial < 2_000; trial++) {
      const whole = texts[trial % texts.length] ?? "";
      const one = scene();
      for (let at = 0; at < whole.length; ) {
        const length = 1 + Math.floor(random() * 9);
        one.stream(whole.slice(at, at + length));
        at += length;
      }
      one.masked.show({ type: "step-end", agent, text: whole });
      const end = one.shown.at(-1);
      expect(one.streamed()).toBe(end && "text" in end ? end.text : "");
      for (const secret of Object.values(secrets)) expect(one.streamed()).not.toContain(secret);
    }
  });

  it("is shown at once where nothing in it could become a secret", () => {
    const one = scene();
    one.stream("It is ", "a fine day", " s");
    expect(one.streamed()).toBe("It is a fine day ");
    one.stream("o far");
    expect(one.streamed()).toBe("It is a fine day so far");
  });

  it("is forgotten when the attempt has failed", () => {
    const one = scene();
    one.stream("so s");
    one.masked.show({ type: "text-reset", agent });
    one.stream("once more");
    expect(one.shown.map((event) => ("text" in event ? event.text : event.type))).toEqual([
      ...["so ", "text-reset", "once more"],
    ]);
  });

  it("keeps thinking and words apart: a secret in the one is found across the other", () => {
    const one = scene();
    one.masked.show({ type: "thinking-delta", agent, text: "the key is sk-abc-" });
    one.stream("Hm");
    one.masked.show({ type: "thinking-delta", agent, text: "abc-abc" });
    one.masked.show({ type: "run-end", agent, reason: "answered" });
    expect(one.streamed("thinking-delta")).toBe("the key is [secret KEY]");
    expect(one.streamed()).toBe("Hm");
    expect(one.shown.at(-1)?.type).toBe("run-end");
  });
});

describe("everything else that goes back", () => {
  it("has no secret in it", async () => {
    const one = scene();
    const { KEY } = secrets;
    const call = { id: "1", name: "fetch_url", input: { url: `https://example.org/${KEY}`, [KEY]: [KEY, 1, null] } };
    const signal = new AbortController().signal;
    one.masked.show({ type: "tool-start", agent, call });
    one.masked.show({ type: "tool-progress", agent, call, text: KEY });
    one.masked.show({
      ...{ type: "tool-end", agent, call },
      output: KEY,
      failed: false,
      refused: false,
      durationMs: 1,
    });
    one.masked.show({ type: "notice", agent, text: KEY });
    await one.masked.ask?.({ call, argumentsHash: "", text: `Send ${KEY}?` }, signal);
    await one.masked.sendFile({ name: "a", path: "a", bytes: new Uint8Array(), caption: KEY }, signal);
    await one.masked.sendFile({ name: "a", path: "a", bytes: new Uint8Array() }, signal);
    one.masked.leftOpen?.([1], KEY);
    one.masked.react("👍");
    expect(one.sent).toEqual(["Send [secret KEY]?", "[secret KEY]", undefined, "[secret KEY]", "👍"]);
    expect(one.masked.render(`is ${KEY}`)).toEqual([{ text: "is [secret KEY]" }]);
    expect(JSON.stringify(one.shown)).not.toContain(KEY);
    expect(one.shown[0]).toMatchObject({
      call: { id: "1", input: { url: "https://example.org/[secret KEY]", "[secret KEY]": ["[secret KEY]", 1, null] } },
    });
    expect(await one.masked.others()).toEqual(["@eve:example.org"]);
  });

  it("can be asked only where somebody can be, and be left open only where that is", () => {
    const plain: Reply = { show() {}, render: () => [], async sendFile() {}, react() {}, others: async () => [] };
    const masked = maskedReply(
      plain,
      createMasking(() => []),
    );
    expect("ask" in masked || "leftOpen" in masked).toBe(false);
  });
});
