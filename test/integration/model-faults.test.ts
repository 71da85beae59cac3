import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, ollamaWire, openaiWire, openrouterWire, type WireUnderTest, wires } from "../support/model-call.ts";
import type { Turn } from "../support/model-server.ts";

const whole = "Grüße aus dem Süden: 日本 🌊 done.";

/** Asks a server that plays `turns`, and tells how it went and how often it was asked. */
async function play(wire: WireUnderTest, turns: (string | Turn)[], options: Parameters<typeof ask>[2] = {}) {
  await using server = await wire.start(turns);
  const asked = await ask(wire, server.url, options);
  return { ...asked, tries: server.requests.length };
}

const times = (count: number, turn: Turn) => Array.from({ length: count }, () => turn);

let printed: ReturnType<typeof vi.spyOn>[] = [];
beforeEach(() => {
  printed = (["log", "warn", "error", "info"] as const).map((method) => vi.spyOn(console, method));
});
afterEach(() => {
  const calls = printed.flatMap((spy) => spy.mock.calls);
  for (const spy of printed) spy.mockRestore();
  expect(calls, "nothing is printed").toEqual([]);
});

describe.each(wires)("the model's server fails ($name)", (wire) => {
  it("F01: asked to wait, it waits as told and gets the answer", async () => {
    const busy: Turn = { status: 429, headers: { "retry-after": "0.05" } };
    const { reply, waits, tries } = await play(wire, [busy, busy, whole], { timing: { maxWaitMs: 60_000 } });
    expect(reply?.text).toBe(whole);
    expect(tries).toBe(3);
    expect(waits).toHaveLength(2);
  });

  it("F01: after five tries it says so once, and never waits longer than the cap", async () => {
    const begun = Date.now();
    const { error, tries } = await play(wire, times(9, { status: 429, headers: { "retry-after": "3600" } }), {
      timing: { maxWaitMs: 10 },
    });
    expect(error?.kind).toBe("rate-limited");
    expect(error?.retryAfterMs).toBe(3_600_000);
    expect(tries).toBe(5);
    expect(Date.now() - begun).toBeLessThan(5000);
  });

  it("F02: a limit that waiting does not lift is told at once", async () => {
    const { error, tries } = await play(wire, times(5, { status: 429 }));
    expect(error?.kind).toBe("rate-limited");
    expect(tries).toBe(1);
  });

  it("F02: a spent account is told as such", async () => {
    const body = {
      error: { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" },
    };
    const spent = await play(wire, times(5, { status: 429, headers: { "retry-after": "1" }, body }));
    expect(spent.error?.kind).toBe("spend-limit");
    expect(spent.tries).toBe(1);

    const unpaid = await play(wire, [{ status: 402, body: { error: { message: "Insufficient credits", code: 402 } } }]);
    expect(unpaid.error?.kind).toBe("spend-limit");
    expect(unpaid.error?.message).toContain("Top it up");
  });

  it.each([500, 502, 503, 529])(
    "F03: a server in trouble (%i) is tried five times, each wait about double",
    async (status) => {
      const { error, tries, waits } = await play(wire, times(9, { status, body: "<html>Bad gateway</html>" }), {
        timing: { backOffMs: 2, random: () => 0.5 },
      });
      expect(error?.kind).toBe("overloaded");
      expect(error?.message).not.toContain("<html>");
      expect(tries).toBe(5);
      expect(waits).toHaveLength(4);
    },
  );

  it.each([400, 401, 403])("F04: a refusal (%i) is not tried again, and the key stays secret", async (status) => {
    const { error, tries } = await play(
      wire,
      times(5, {
        status,
        body: { error: { message: "Incorrect API key provided: sk-or-v1-secret0123456789", code: status } },
      }),
    );
    expect(error?.kind).toBe(status === 400 ? "bad-request" : "unauthorized");
    expect(error?.message).not.toContain("secret0123456789");
    expect(tries).toBe(1);
  });

  it("F05: a server that is away is tried five times; when it comes back the answer comes", async () => {
    const first = await wire.start([]);
    const port = Number(new URL(first.url).port);
    await first.close();

    const away = await ask(wire, first.url);
    expect(away.error?.kind).toBe("unreachable");
    expect(away.waits).toHaveLength(4);

    let second: Promise<Awaited<ReturnType<typeof wire.start>>> | undefined;
    const back = await ask(wire, first.url, {
      timing: { backOffMs: 100 },
      onEvent: ({ type }) => {
        if (type === "model-wait") second ??= wire.start([whole], port);
      },
    });
    expect(back.reply?.text).toBe(whole);
    await (await second)?.close();
  });

  it("F05: a host that no one knows is unreachable", async () => {
    const { error } = await ask(wire, "http://nowhere.invalid:11434");
    expect(error?.kind).toBe("unreachable");
  });

  it("F06: no headers", async () => {
    const silent: Turn = { delayMs: Number.POSITIVE_INFINITY };
    const { error, tries, waits } = await play(wire, times(5, silent), {
      deadlines: { headersMs: 120 },
      timing: { loadNoticeMs: 20 },
    });
    expect(error?.kind).toBe("hung");
    expect(tries).toBe(wire.hosted ? 3 : 1);
    if (!wire.hosted) expect(waits).toEqual(["Loading the model my-model …"]);
  });

  it("F07: the stream stops and the socket stays open", async () => {
    const stuck: Turn = { text: whole, afterBytes: 700, ending: "hang" };
    const { reply, shown, tries } = await play(wire, [stuck, whole], { deadlines: { headersMs: 150, idleMs: 150 } });
    expect(reply?.text).toBe(whole);
    expect(shown).toBe(whole);
    expect(tries).toBe(2);

    const twice = await play(wire, times(5, stuck), { deadlines: { headersMs: 150, idleMs: 150 } });
    expect(twice.error?.kind).toBe("hung");
    expect(twice.shown).toBe("");
    expect(twice.tries).toBe(2);
  });

  it("F08: only pings come", async () => {
    const { error, tries } = await play(wire, times(5, { pingEveryMs: 10 }), {
      timing: { progressMs: 150, loadMs: 150 },
    });
    expect(error?.kind).toBe("hung");
    expect(tries).toBe(wire.hosted ? 3 : 1);
  });

  it("F09: wherever the stream ends too early, no half answer is taken for a whole one", {
    timeout: 120_000,
  }, async () => {
    await using server = await wire.start([]);
    const text = "Yes 日.";
    let length = 0;
    server.turns.push({
      text,
      edit(bytes) {
        length = bytes.length;
        return bytes;
      },
    });
    await ask(wire, server.url);

    let early = 0;
    for (let afterBytes = 0; afterBytes < length; afterBytes++) {
      server.turns.splice(0, 2, { text, afterBytes, ending: afterBytes % 3 ? "end" : "close" }, { text });
      const { reply, shown, waits } = await ask(wire, server.url);
      expect([reply?.text, shown], `cut after ${afterBytes} of ${length} bytes`).toEqual([text, text]);
      early += waits.length;
    }
    expect(early).toBeGreaterThan(length / 2);
  });

  it("F09: a call that was cut off is not made", async () => {
    const call: Turn = { text: "I look.", calls: [{ name: "look", input: { place: "the harbour of Lisbon" } }] };
    for (const afterBytes of [300, 500, 700]) {
      const { reply } = await play(wire, [{ ...call, afterBytes, ending: "end" }, call]);
      expect(reply?.calls.map(({ input }) => input)).toEqual([{ place: "the harbour of Lisbon" }]);
    }
  });

  it.each([
    ["too many requests", 429, "rate-limited", 1],
    ["overloaded", 503, "overloaded", 5],
    ["invalid key", 401, "unauthorized", 1],
  ] as const)(
    "F10: an error in mid-stream (%s) counts like the same HTTP error",
    async (message, code, kind, tries) => {
      const turn: Turn = {
        text: "Half of",
        streamError: wire.name === "ollama" ? { message, code } : { message, code },
      };
      const outcome = await play(wire, times(6, turn));
      expect(outcome.error?.kind).toBe(kind);
      expect(outcome.tries).toBe(tries);
      expect(outcome.shown).toBe("");
    },
  );

  it("F11: bytes that come in any slices give the same answer", async () => {
    await using server = await wire.start([]);
    const random = seeded(11);
    for (let round = 0; round < 60; round++) {
      const sliceBytes = round === 0 ? () => 1 : () => 1 + Math.floor(random() * 40);
      server.turns.push({ thinking: "Hmm – 考える", text: whole, sliceBytes });
      const { reply, waits } = await ask(wire, server.url);
      expect(reply?.text).toBe(whole);
      expect(waits).toEqual([]);
    }
  });

  it("F11: what is corrupt on the way is never part of an answer (1,000 times over all wires)", {
    timeout: 120_000,
  }, async () => {
    await using server = await wire.start([]);
    const random = seeded(64);
    let tried = 0;
    for (let round = 0; round < 340; round++) {
      const at = random();
      const kind = round % 4;
      const edit = (bytes: Buffer) => corrupt(bytes, Math.floor(at * bytes.length), kind);
      server.turns.splice(0, 2, { text: whole, edit }, { text: whole });
      const { reply, waits, shown } = await ask(wire, server.url);
      expect([reply?.text, shown], `round ${round}`).toEqual([whole, whole]);
      tried += waits.length;
    }
    expect(tried).toBeGreaterThan(200);
  });

  it("F11: corrupt twice is an error, told in a sentence", async () => {
    const edit = (bytes: Buffer) => corrupt(bytes, 300, 0);
    const { error, tries } = await play(wire, times(4, { text: whole, edit }));
    expect(error?.kind).toBe("malformed");
    expect(tries).toBe(2);
  });

  it("F11: bytes changed at random end in an answer or in an error, never in a crash", {
    timeout: 60_000,
  }, async () => {
    await using server = await wire.start([]);
    const random = seeded(1);
    for (let round = 0; round < 200; round++) {
      const [at, value] = [random(), Math.floor(random() * 256)];
      const edit = (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        changed[Math.floor(at * bytes.length)] = value;
        return changed;
      };
      server.turns.splice(0, 2, { text: whole, edit }, { text: whole });
      const { reply, error } = await ask(wire, server.url);
      expect(reply ?? error).toBeDefined();
    }
  });

  it("F12: a reset in the middle", async () => {
    const { reply, shown, tries } = await play(wire, [{ text: whole, afterBytes: 400, ending: "reset" }, whole]);
    expect(reply?.text).toBe(whole);
    expect(shown).toBe(whole);
    expect(tries).toBe(2);

    const twice = await play(wire, times(4, { text: whole, afterBytes: 400, ending: "reset" }));
    expect(twice.error?.kind).toBe("cut");
    expect(twice.tries).toBe(2);
  });

  it("F13: a call of a tool that does not exist is handed on as it is", async () => {
    const { reply } = await play(wire, [{ calls: [{ name: "fly", input: { to: "the moon" } }] }]);
    expect(reply?.calls).toMatchObject([{ name: "fly", input: { to: "the moon" } }]);
    expect(reply?.message.content).toMatchObject([{ type: "tool-call", toolName: "fly" }]);
  });

  it("F14: nothing said is tried once more, then told", async () => {
    const once = await play(wire, [{}, whole]);
    expect(once.reply?.text).toBe(whole);
    const twice = await play(wire, times(4, {}));
    expect(twice.error?.kind).toBe("empty");
    expect(twice.tries).toBe(2);
  });

  it("F14: an answer cut off at the most tokens is handed on, even when it is empty", async () => {
    const { reply } = await play(wire, [{ text: "This is lo", finish: "length" }]);
    expect(reply).toMatchObject({ text: "This is lo", finish: "length" });
    const { reply: empty, tries } = await play(wire, [{ thinking: "Too long a thought", finish: "length" }]);
    expect(empty).toMatchObject({ text: "", finish: "length" });
    expect(tries).toBe(1);
  });

  it("F15: a conversation that is too long is told as such, in every wording", async () => {
    const bodies = [
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      "the request exceeds the available context size, try increasing it",
      "input length exceeds the context length",
      "prompt is too long: 210000 tokens > 200000 maximum",
    ];
    for (const message of bodies) {
      const { error, tries } = await play(wire, times(3, { status: 400, body: { error: { message, code: 400 } } }));
      expect(error?.kind, message).toBe("context-too-long");
      expect(tries).toBe(1);
    }
    expect((await play(wire, [{ status: 413, body: "" }])).error?.kind).toBe("context-too-long");
  });

  it("F64: an error inside a 200", async () => {
    const body = { error: { message: "Provider returned error: no instances available", code: 503 } };
    const { error, tries } = await play(wire, times(9, { status: 200, body }));
    expect(error?.kind).toBe("overloaded");
    expect(tries).toBe(5);
    const recovered = await play(wire, [{ status: 200, body }, whole]);
    expect(recovered.reply?.text).toBe(whole);
  });

  it("F64: a 200 with nothing in it that could be an answer", async () => {
    for (const body of [{ choices: [] }, {}, "", "no", { error: "model runner has unexpectedly stopped" }]) {
      const { error } = await play(wire, times(9, { status: 200, body }));
      expect(error?.message, JSON.stringify(body)).toMatch(/^(The|A|This)/);
    }
    const page = await play(
      wire,
      times(3, { status: 200, headers: { "content-type": "text/html" }, body: "<html>log in</html>" }),
    );
    expect(page.error?.message).toContain("Check the provider's address");
  });
});

describe.each([openrouterWire, openaiWire])("OpenAI's wire ($name)", (wire) => {
  it("F13: broken JSON in a call is told to the model, and the history stays sound", async () => {
    for (const rawInput of ['{"place": "Lis', "not json", '["Lisbon"]', "42"]) {
      const { reply } = await play(wire, [{ text: "I look.", calls: [{ name: "look", rawInput }] }]);
      expect(reply?.calls, rawInput).toMatchObject([{ name: "look", input: {} }]);
      expect(reply?.calls[0]?.problem, rawInput).toContain("JSON object");
      expect(reply?.message.content).toMatchObject([{ type: "text" }, { type: "tool-call", input: {} }]);
    }
  });

  it("F13: broken JSON that was cut off at the most tokens is no call", async () => {
    const { reply } = await play(wire, [{ calls: [{ name: "look", rawInput: '{"place": "Lis' }], finish: "length" }]);
    expect(reply?.finish).toBe("length");
    expect(reply?.calls.filter(({ problem }) => !problem)).toEqual([]);
  });

  it("F13: arguments sent as a string of JSON are taken for what they mean; none at all for none", async () => {
    const { reply } = await play(wire, [
      {
        calls: [
          { name: "look", rawInput: JSON.stringify('{"place":"Porto"}') },
          { name: "look", rawInput: "" },
        ],
      },
    ]);
    expect(reply?.calls.map(({ input, problem }) => ({ input, problem }))).toEqual([
      { input: { place: "Porto" }, problem: undefined },
      { input: {}, problem: undefined },
    ]);
  });

  it("F13: doubled and missing ids become unique, also against the history", async () => {
    const { reply } = await play(
      wire,
      [
        {
          calls: [
            { id: "a", name: "look" },
            { id: "a", name: "look" },
            { id: "", name: "look" },
            { id: "old", name: "look" },
          ],
        },
      ],
      {
        messages: [
          { role: "user", content: "Look." },
          { role: "assistant", content: [{ type: "tool-call", toolCallId: "old", toolName: "look", input: {} }] },
          {
            role: "tool",
            content: [
              { type: "tool-result", toolCallId: "old", toolName: "look", output: { type: "text", value: "" } },
            ],
          },
        ],
      },
    );
    const ids = reply?.calls.map(({ id }) => id) ?? [];
    expect(ids).toHaveLength(4);
    expect(new Set([...ids, "old", ""]).size).toBe(6);
  });

  it("F14: a refusal is handed on as one", async () => {
    const { reply, tries } = await play(wire, [{ text: "", finish: "refused" }]);
    expect(reply).toMatchObject({ text: "", finish: "refused" });
    expect(tries).toBe(1);
  });
});

describe("Ollama's wire", () => {
  it("F10: errors in its words count like the same HTTP error", async () => {
    const gone = await play(ollamaWire, [{ streamError: "model 'llama3' not found" }]);
    expect(gone.error?.message).toContain("`ollama pull llama3`");
    const busy = await play(ollamaWire, [
      { streamError: "server busy, please try again. maximum pending requests exceeded" },
      whole,
    ]);
    expect(busy.reply?.text).toBe(whole);
  });
});

/** Damage that can always be told: a byte that is no UTF-8, a lost brace, a torn line, noise between frames. */
function corrupt(bytes: Buffer, at: number, kind: number): Buffer {
  if (kind === 0) return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at)]);
  const brace = bytes.indexOf("{", at);
  if (kind === 1 && brace >= 0) return Buffer.concat([bytes.subarray(0, brace), bytes.subarray(brace + 1)]);
  const newline = bytes.indexOf("\n", at);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, at), Buffer.from("\n~"), bytes.subarray(at)]);
  return Buffer.concat([bytes.subarray(0, newline + 1), Buffer.from("}{ noise\n"), bytes.subarray(newline + 1)]);
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
