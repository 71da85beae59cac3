import { setTimeout as sleep } from "node:timers/promises";
import type { ModelMessage } from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Tool } from "../../src/tool.ts";
import { ask, lookTool, ollamaWire, openaiWire, openrouterWire, wires } from "../support/model-call.ts";

describe.each(wires)("one model call ($name)", (wire) => {
  it("streams the answer and gives it whole, with what it used", async () => {
    await using server = await wire.start([{ text: "Good morning, Ana.", usage: { input: 40, output: 5 } }]);
    const { reply, events } = await ask(wire, server.url);
    expect(reply).toMatchObject({
      text: "Good morning, Ana.",
      calls: [],
      finish: "stop",
      usage: { inputTokens: 40, outputTokens: 5, cachedTokens: 0 },
      message: { role: "assistant", content: [{ type: "text", text: "Good morning, Ana." }] },
    });
    expect(events).toEqual(["Good ", "morning, ", "Ana."].map((text) => ({ type: "text-delta", text })));
  });

  it("shows thinking, and keeps it out of the text and of the history's text", async () => {
    await using server = await wire.start([{ thinking: "Polite, then.", text: "Hello." }, "Again."]);
    const { reply, events } = await ask(wire, server.url);
    expect(reply?.text).toBe("Hello.");
    expect(events.filter(({ type }) => type === "thinking-delta")).toHaveLength(2);

    const messages: ModelMessage[] = [
      { role: "user", content: "Hi" },
      reply?.message ?? never(),
      { role: "user", content: "Hi" },
    ];
    await ask(wire, server.url, { messages });
    const sent = server.requests[1]?.body as { messages: { role: string; content: unknown }[] };
    expect(sent.messages.find(({ role }) => role === "assistant")?.content).toBe("Hello.");
  });

  it("takes tags in the text for thinking", async () => {
    await using server = await wire.start(["<think>Polite, then.</think>\n\nHello."]);
    const { reply, shown } = await ask(wire, server.url);
    expect([reply?.text, shown]).toEqual(["Hello.", "Hello."]);
  });

  it("gives the calls in order, each with an id of its own, and never answers one itself", async () => {
    await using server = await wire.start([
      {
        text: "I look.",
        calls: [
          { name: "look", input: { place: "Porto" } },
          { name: "look", input: { place: 7 } },
        ],
      },
    ]);
    const { reply } = await ask(wire, server.url);
    expect(reply?.calls).toMatchObject([
      { name: "look", input: { place: "Porto" } },
      { name: "look", input: { place: 7 } },
    ]);
    expect(reply?.calls[0]?.id).not.toBe(reply?.calls[1]?.id);
    expect(reply?.message.content).toMatchObject([
      { type: "text", text: "I look." },
      { type: "tool-call", toolCallId: reply?.calls[0]?.id },
      { type: "tool-call", toolCallId: reply?.calls[1]?.id },
    ]);
  });

  it("sends the tools as they are, in their order, and a step's results back under their calls", async () => {
    const tools = ["write", "look", "ask"].map((name): [string, Tool] => [name, { ...lookTool, name }]);
    const messages: ModelMessage[] = [
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: [{ type: "tool-call", toolCallId: "c1", toolName: "look", input: { place: "Porto" } }],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "c1", toolName: "look", output: { type: "text", value: "Rain." } },
        ],
      },
    ];
    await using server = await wire.start(["It rains."]);
    await ask(wire, server.url, { tools: new Map(tools), messages });
    const body = server.requests[0]?.body as {
      tools: { function: { name: string; parameters: object } }[];
      messages: { role: string; content: string }[];
    };
    expect(body.tools.map((tool) => tool.function.name)).toEqual(["write", "look", "ask"]);
    expect(body.tools[0]?.function.parameters).toEqual({
      type: "object",
      properties: { place: { type: "string" } },
      required: ["place"],
    });
    expect(body.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool"]);
    expect(body.messages[3]?.content).toBe("Rain.");
  });

  it("has the same bytes in front, request after request", async () => {
    await using server = await wire.start([{ calls: [{ name: "look", input: { place: "Porto" } }] }, "It rains."]);
    const messages: ModelMessage[] = [{ role: "user", content: "Look." }];
    const first = await ask(wire, server.url, { messages });
    const call = first.reply?.calls[0] ?? never();
    messages.push(first.reply?.message ?? never());
    messages.push({
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: call.id, toolName: call.name, output: { type: "text", value: "Rain." } },
      ],
    });
    await ask(wire, server.url, { messages });
    const [before, after] = server.requests.map(({ bytes }) => bytes.toString());
    const shared = before?.slice(0, before.indexOf('"Look."') + 7);
    expect(after?.startsWith(shared ?? "-")).toBe(true);
  });

  it("drops calls that a model makes though it must conclude", async () => {
    await using server = await wire.start([
      { text: "So be it.", calls: [{ name: "look", input: { place: "Porto" } }] },
    ]);
    const { reply } = await ask(wire, server.url, { conclude: true });
    expect(reply).toMatchObject({ text: "So be it.", calls: [], finish: "stop" });
    expect(reply?.message.content).toEqual([{ type: "text", text: "So be it." }]);
  });

  it("hands temperature, top p and the most tokens on", async () => {
    await using server = await wire.start(["Yes."]);
    await ask(wire, server.url, { parameters: { temperature: 0.2, topP: 0.5, maxTokens: 99 } });
    const body = server.requests[0]?.body as Record<string, unknown>;
    const where = wire === ollamaWire ? body.options : body;
    expect(where).toMatchObject(
      wire === ollamaWire
        ? { temperature: 0.2, top_p: 0.5, num_predict: 99 }
        : { temperature: 0.2, top_p: 0.5, max_tokens: 99 },
    );
  });

  it("needs no tools", async () => {
    await using server = await wire.start(["Yes."]);
    expect((await ask(wire, server.url, { tools: new Map() })).reply?.text).toBe("Yes.");
    expect(server.requests[0]?.body).not.toHaveProperty("tools");
  });

  it("lets a model be silent that may be", async () => {
    await using server = await wire.start([{}]);
    const { reply } = await ask(wire, server.url, { mayBeSilent: true });
    expect(reply).toMatchObject({ text: "", calls: [], message: { content: [] } });
  });

  it.each([
    ["waiting for headers", { delayMs: Number.POSITIVE_INFINITY }],
    ["in the middle of the answer", { text: "Once upon a time there was", afterBytes: 500, ending: "hang" as const }],
    ["while only pings come", { pingEveryMs: 5 }],
  ])("stops at once when told to, %s, and hangs up", async (_when, turn) => {
    await using server = await wire.start([turn]);
    const stop = new AbortController();
    const reason = new Error("The person said stop.");
    const asked = ask(wire, server.url, { signal: stop.signal });
    asked.catch(() => {});
    const request = await server.request(0);
    await sleep(30);
    const begun = Date.now();
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
    expect(Date.now() - begun).toBeLessThan(500);
    await request.closed;
  });

  it("stops at once while it waits to try again", async () => {
    await using server = await wire.start([{ status: 503 }]);
    const stop = new AbortController();
    const reason = new Error("The person said stop.");
    const asked = ask(wire, server.url, {
      signal: stop.signal,
      timing: { backOffMs: 60_000 },
      onEvent: () => stop.abort(reason),
    });
    await expect(asked).rejects.toBe(reason);
  });

  it("asks nothing when it was stopped before", async () => {
    await using server = await wire.start([]);
    await expect(ask(wire, server.url, { signal: AbortSignal.abort(new Error("Stopped.")) })).rejects.toThrow(
      "Stopped.",
    );
    expect(server.requests).toHaveLength(0);
  });

  it("lets a mistake of the program through as it is", async () => {
    await using server = await wire.start(["Hello."]);
    const broken = ask(wire, server.url, {
      onEvent() {
        throw new RangeError("a mistake of ours");
      },
    });
    await expect(broken).rejects.toThrow(RangeError);
  });
});

describe("waiting, told in a sentence", () => {
  it("says what is wrong, for how long it waits and which try comes", async () => {
    await using server = await openaiWire.start([
      { status: 503 },
      { status: 429, headers: { "retry-after": "0.6" } },
      "Hello.",
    ]);
    const { waits } = await ask(openaiWire, server.url, { timing: { backOffMs: 1, maxWaitMs: 60_000 } });
    expect(waits).toEqual([
      "The model's server is overloaded. Trying again now (2 of 5).",
      "The model's server asks to wait. Trying again in 1 s (2 of 5).",
    ]);
  });

  it.each([ollamaWire, openaiWire])("says that a model is being loaded, once ($name)", async (wire) => {
    await using server = await wire.start([{ text: "Hello.", delayMs: 120 }]);
    const { waits, reply } = await ask(wire, server.url, { timing: { loadNoticeMs: 20 } });
    expect(waits).toEqual(["Loading the model my-model …"]);
    expect(reply?.text).toBe("Hello.");
  });

  it("does not say so of a hosted model, nor of one that answers in time", async () => {
    await using hosted = await openrouterWire.start([{ text: "Hello.", delayMs: 60 }]);
    expect((await ask(openrouterWire, hosted.url, { timing: { loadNoticeMs: 10 } })).waits).toEqual([]);
    await using quick = await ollamaWire.start(["Hello."]);
    expect((await ask(ollamaWire, quick.url, { timing: { loadNoticeMs: 500 } })).waits).toEqual([]);
  });
});

describe("what OpenRouter wants back", () => {
  it("gets its signed reasoning with the next request", async () => {
    await using server = await openrouterWire.start([
      { thinking: "Where is it?", text: "I look.", calls: [{ name: "look", input: { place: "Porto" } }] },
      "It rains.",
    ]);
    const { reply } = await ask(openrouterWire, server.url);
    const call = reply?.calls[0] ?? never();
    const stored = JSON.parse(JSON.stringify(reply?.message));
    await ask(openrouterWire, server.url, {
      messages: [
        { role: "user", content: "Look." },
        stored,
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: call.id, toolName: "look", output: { type: "text", value: "Rain." } },
          ],
        },
      ],
    });
    const body = server.requests[1]?.body as { messages: Record<string, unknown>[] };
    expect(body.messages.find(({ role }) => role === "assistant")).toMatchObject({
      content: "I look.",
      reasoning: "Where is it?",
      reasoning_details: [{ type: "reasoning.text", text: "Where is it?", signature: "c2lnbmVk" }],
    });
  });

  it("tells the price of each answer", async () => {
    await using server = await openrouterWire.start([
      { text: "Hello.", usage: { input: 100, output: 3, cached: 80, cost: 0.00042 } },
    ]);
    const { reply } = await ask(openrouterWire, server.url);
    expect(reply?.usage).toEqual({ inputTokens: 100, outputTokens: 3, cachedTokens: 80, cost: 0.00042 });
    expect(server.requests[0]?.body).toMatchObject({ usage: { include: true } });
  });
});

describe("a tool's schema", () => {
  it("is sent for input: what has a default need not be given", async () => {
    const tool: Tool = { ...lookTool, input: z.object({ place: z.string(), days: z.number().default(3) }) };
    await using server = await ollamaWire.start(["Yes."]);
    await ask(ollamaWire, server.url, { tools: new Map([["look", tool]]) });
    const body = server.requests[0]?.body as { tools: { function: { parameters: object } }[] };
    expect(body.tools[0]?.function.parameters).toMatchObject({
      required: ["place"],
      properties: { days: { default: 3 } },
    });
  });
});

function never(): never {
  throw new Error("there was no reply");
}
