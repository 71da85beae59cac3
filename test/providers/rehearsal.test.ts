import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { streamText } from "ai";
import { describe, expect, it } from "vitest";
import rehearsal from "../../providers/rehearsal.ts";

const provider = rehearsal.create(rehearsal.settings.parse({}), { fetch: () => fetch });
const model = provider.languageModel("rehearsal") as Extract<
  ReturnType<typeof provider.languageModel>,
  { specificationVersion: "v4" }
>;

type Request = Parameters<typeof model.doStream>[0];
type Prompt = Request["prompt"];
type Call = { tool: string; input: Record<string, unknown> };
type Result = { text: string; failed?: true };

const allTools = [
  ...["read_core_file", "write_core_file", "write_memory_file", "search_memory", "get_current_time"],
  ...["create_file", "read_file", "edit_file", "delete_file", "create_directory", "delete_directory", "list_directory"],
];

/** One step over a prompt: what is said, or the one call. */
async function step(prompt: Prompt, tools: readonly string[] = allTools): Promise<{ text: string; call?: Call }> {
  const { stream } = await model.doStream({
    prompt,
    tools: tools.map((name) => ({ type: "function", name, inputSchema: { type: "object" } })),
  });
  let text = "";
  let call: Call | undefined;
  for await (const part of stream) {
    if (part.type === "text-delta") text += part.delta;
    if (part.type === "tool-call") call = { tool: part.toolName, input: JSON.parse(part.input) };
  }
  return call ? { text, call } : { text };
}

/** A whole run: every call gets the next of the results. */
async function run(
  sentence: string,
  options: { results?: Result[]; tools?: readonly string[]; system?: string } = {},
): Promise<{ calls: Call[]; text: string }> {
  const prompt: Prompt = [
    { role: "system", content: options.system ?? "# Memtrix\n\n<USER.md>\n</USER.md>" },
    {
      role: "user",
      content: [{ type: "text", text: `<context>\nFriday 2026-11-20, 10:00 (UTC)\n</context>\n\n${sentence}` }],
    },
  ];
  const results = [...(options.results ?? [])];
  const calls: Call[] = [];
  for (;;) {
    const { text, call } = await step(prompt, options.tools);
    if (!call) return { calls, text };
    calls.push(call);
    const toolCallId = `call-${calls.length}`;
    const { text: value, failed } = results.shift() ?? { text: "Done." };
    prompt.push(
      { role: "assistant", content: [{ type: "tool-call", toolCallId, toolName: call.tool, input: call.input }] },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId,
            toolName: call.tool,
            output: { type: failed ? "error-text" : "text", value },
          },
        ],
      },
    );
  }
}

const declined: Result = {
  text: "The owner said no. It was not done. Respect that; do not try another way.",
  failed: true,
};

describe("the rehearsal provider", () => {
  it("says in one sentence that it is rules, and how to choose a model", () => {
    expect(provider.notice).toMatch(/rules answer, not a model.*memtrix onboard/);
  });

  it("has one model, which calls tools, and takes no settings", async () => {
    expect(await provider.listModels()).toMatchObject([{ id: "rehearsal", tools: true, contextTokens: 16_384 }]);
    expect(await provider.describeModel("rehearsal")).toMatchObject({ id: "rehearsal" });
    await expect(provider.describeModel("llama3")).rejects.toThrow("there is no `llama3`");
    expect(rehearsal.settings.safeParse({ base_url: "http://x" }).success).toBe(false);
  });

  it("speaks word by word", async () => {
    const { stream } = await model.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "thanks" }] }],
    });
    const deltas: string[] = [];
    for await (const part of stream) if (part.type === "text-delta") deltas.push(part.delta);
    expect(deltas).toEqual(["You ", "are ", "welcome."]);
  });

  it("stops in mid-sentence when the run is stopped", async () => {
    const stop = new AbortController();
    const { stream } = await model.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "what is love" }] }],
      abortSignal: stop.signal,
    });
    await expect(
      (async () => {
        for await (const part of stream) if (part.type === "text-delta") stop.abort(new Error("stopped"));
      })(),
    ).rejects.toThrow("stopped");
  });

  it("is a model to the SDK", async () => {
    const { text, finishReason } = streamText({ model, prompt: "hello" });
    expect(await text).toBe("Hello. This is Memtrix, played by rules. Say `help` to see them.");
    expect(await finishReason).toBe("stop");
  });
});

describe("a name", () => {
  const template = join(import.meta.dirname, "../../onboard/templates/USER.md");

  it.each([
    "My name is Ada",
    "my name's Ada.",
    "I am called Ada!",
    "I'm Ada",
    "I’m Ada.",
    "Hello, I am Ada",
    "call me Ada please",
  ])("is learned from: %s", async (sentence) => {
    const file = await readFile(template, "utf8");
    const { calls, text } = await run(sentence, { results: [{ text: file }] });
    expect(calls).toEqual([
      { tool: "read_core_file", input: { name: "USER" } },
      {
        tool: "write_core_file",
        input: { name: "USER", content: file.replace("## About\n", "## About\n\n- Name: Ada\n") },
      },
    ]);
    expect(text).toContain("Noted, Ada.");
  });

  it("is changed in its line, and every other line of USER.md stays", async () => {
    const file = "# My owner\n\n## About\n\n- Name: Ada\n- Lives in Lisbon\n\n## People\n\n- Sister: Grace\n";
    const { calls } = await run("Call me Ada Lovelace", { results: [{ text: file }] });
    expect(calls[1]?.input.content).toBe(file.replace("Name: Ada", "Name: Ada Lovelace"));
  });

  it("is written into an empty USER.md, without what the tool says about it", async () => {
    const { calls } = await run("My name is Ada", { results: [{ text: "[USER.md: 0 of 2500 characters]\n(empty)" }] });
    expect(calls[1]?.input.content).toBe("## About\n\n- Name: Ada\n");
  });

  it("is added at the end of its section", async () => {
    const file = "# My owner\n\n## About\n\n- Lives in Lisbon\n\n## People\n";
    const { calls } = await run("My name is Ada", { results: [{ text: file }] });
    expect(calls[1]?.input.content).toBe("# My owner\n\n## About\n\n- Lives in Lisbon\n- Name: Ada\n\n## People\n");
  });

  it.each(["I am tired", "I'm busy", "My name is not important and I will not tell"])(
    "is not heard in: %s",
    async (sentence) => {
      const { calls, text } = await run(sentence);
      expect(calls).toEqual([]);
      expect(text).toContain("I did not understand that");
    },
  );

  it("is not claimed to be saved when saving failed", async () => {
    const results: Result[] = [
      { text: "# My owner\n" },
      { text: "USER.md was changed since you read it.", failed: true },
    ];
    const { text } = await run("My name is Ada", { results });
    expect(text).toBe("I did not change USER.md. USER.md was changed since you read it.");
  });

  it("is known from USER.md in the prompt, without a call", async () => {
    const system =
      "# Memtrix\n\n<USER.md>\n# My owner\n\n- Name: Ada\n</USER.md>\n\n<MEMORY.md>\n- Name: wrong\n</MEMORY.md>";
    expect(await run("What is my name?", { system })).toEqual({
      calls: [],
      text: "Your name is Ada. That is in USER.md.",
    });
  });
});

describe("memory", () => {
  const hits = [
    "[2026-11-18 09:12] you: where is the key?\nMemtrix: I do not know where the key is.",
    "[2026-11-18 09:13] Memtrix: I found nothing about the key.",
    "[2026-11-19, journal] Notes: 20:15 the key is under the mat",
  ].join("\n\n");

  it("keeps what it is told to remember in the journal", async () => {
    const { calls, text } = await run("Remember that the key is under the mat.");
    expect(calls).toEqual([
      { tool: "write_memory_file", input: { section: "Notes", text: "the key is under the mat" } },
    ]);
    expect(text).toBe("I wrote that into today's journal, under Notes.");
  });

  it("keeps what it is never to forget in MEMORY.md, with all that was there", async () => {
    const file = "# What lasts\n\n## Facts\n\n- The cat is Tom\n\n## Projects\n\n- Roof\n";
    const { calls } = await run("never forget that the boiler is serviced in May", { results: [{ text: file }] });
    expect(calls[1]?.input).toEqual({
      name: "MEMORY",
      content: file.replace("Tom\n", "Tom\n- the boiler is serviced in May\n"),
    });
  });

  it.each([
    "What did I say about the key?",
    "Do you remember the key",
    "search your memory for the key",
    "Where is the key?",
  ])("answers with what was found and its date: %s", async (sentence) => {
    const { calls, text } = await run(sentence, { results: [{ text: hits }] });
    expect(calls).toEqual([{ tool: "search_memory", input: { query: "the key", limit: 5 } }]);
    expect(text).toBe("From my journal of 2026-11-19:\n\n> the key is under the mat");
  });

  it("says plainly that it found nothing to the matter", async () => {
    const { text } = await run("When did I see the dentist?", {
      results: [{ text: "Nothing found. Try other words." }],
    });
    expect(text).toBe('I found nothing about "see the dentist" in my memory.');
  });

  it("is searched for a name that USER.md does not have", async () => {
    const found = await run("what's my name", { results: [{ text: "[2026-11-19 20:15] you: my name is Ada" }] });
    expect(found.text).toBe("USER.md does not say. You said on 2026-11-19:\n\n> my name is Ada");
    const nothing = await run("what's my name", { results: [{ text: "Nothing found." }] });
    expect(nothing.text).toContain("I do not know your name.");
  });
});

describe("files", () => {
  it("are written", async () => {
    const { calls, text } = await run('Write "milk and eggs" to shopping.txt.');
    expect(calls).toEqual([{ tool: "create_file", input: { path: "shopping.txt", content: "milk and eggs\n" } }]);
    expect(text).toBe("I wrote that to shopping.txt.");
  });

  it("are read, shown as they are", async () => {
    const { calls, text } = await run("please read the file shopping.txt", {
      results: [{ text: "1\tmilk\n2\t```\n" }],
    });
    expect(calls).toEqual([{ tool: "read_file", input: { path: "shopping.txt" } }]);
    expect(text).toBe("shopping.txt:\n\n````\nmilk\n```\n````");
  });

  it("that cannot be read are not made up", async () => {
    const { text } = await run("read nothing.txt", { results: [{ text: "There is no nothing.txt.", failed: true }] });
    expect(text).toBe("I could not read nothing.txt. There is no nothing.txt.");
  });

  it.each([
    ["list files", { tool: "list_directory", input: { path: "." } }],
    ["List my files, please", { tool: "list_directory", input: { path: "." } }],
    ["list the files in recipes", { tool: "list_directory", input: { path: "recipes" } }],
    ["make a folder recipes", { tool: "create_directory", input: { path: "recipes" } }],
    ["create a folder called `recipes`", { tool: "create_directory", input: { path: "recipes" } }],
    ["delete the folder recipes", { tool: "delete_directory", input: { path: "recipes" } }],
    ["delete shopping.txt", { tool: "delete_file", input: { path: "shopping.txt" } }],
    [
      "replace milk with oat milk in shopping.txt",
      { tool: "edit_file", input: { path: "shopping.txt", old: "milk", new: "oat milk" } },
    ],
    ["Memtrix, what time is it?", { tool: "get_current_time", input: {} }],
  ])("%s", async (sentence, call) => {
    expect((await run(sentence)).calls).toEqual([call]);
  });

  it("are left alone when the owner says no", async () => {
    const { calls, text } = await run("Delete shopping.txt", { results: [declined] });
    expect(calls).toHaveLength(1);
    expect(text).toBe("I did not delete shopping.txt. You said no, so I left it.");
  });
});

describe("agents", () => {
  it("are made and asked where the tools for it are", async () => {
    const tools = ["create_agent", "ask_agent"];
    const made = await run("Create an agent called Cook for recipes and menus.", { tools });
    expect(made.calls).toEqual([{ tool: "create_agent", input: { name: "Cook", description: "recipes and menus" } }]);
    const asked = await run("ask Cook who are you?", { tools, results: [{ text: "I am Cook." }] });
    expect(asked.calls).toEqual([{ tool: "ask_agent", input: { name: "Cook", question: "who are you" } }]);
    expect(asked.text).toBe("Cook says:\n\n> I am Cook.");
  });

  it("are plainly not there where the tools are not", async () => {
    const { calls, text } = await run("create an agent Cook for recipes");
    expect(calls).toEqual([]);
    expect(text).toBe("For that I would need the tool `create_agent`, which I do not have here.");
  });

  it("introduce themselves by the name in their prompt", async () => {
    expect((await run("who are you?", { system: "# Cook\n\nYou are Cook." })).text).toContain(
      "I am Cook, played by rules",
    );
  });
});

describe("what it understands", () => {
  it("is said on request, as far as the tools allow", async () => {
    const { text } = await run("help", { tools: ["read_file"] });
    expect(text).toContain("- Read shopping.txt");
    expect(text).not.toContain("Delete");
  });

  it("ends with anything else, and it says so", async () => {
    const { calls, text } = await run("What is the meaning of life?");
    expect(calls).toEqual([]);
    expect(text).toContain("I did not understand that: I am a few rules, not a model.");
  });

  it("is the last of several messages that came at once", async () => {
    const { calls } = await run("my name is Ada\n\nlist files");
    expect(calls).toEqual([{ tool: "list_directory", input: { path: "." } }]);
  });

  it("is the newest message, not the results of the one before", async () => {
    const prompt: Prompt = [
      { role: "user", content: [{ type: "text", text: "list files" }] },
      {
        role: "assistant",
        content: [{ type: "tool-call", toolCallId: "1", toolName: "list_directory", input: { path: "." } }],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: "1",
            toolName: "list_directory",
            output: { type: "text", value: "a.txt" },
          },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "a.txt" }] },
      { role: "user", content: [{ type: "text", text: "read a.txt" }] },
    ];
    expect((await step(prompt)).call).toEqual({ tool: "read_file", input: { path: "a.txt" } });
  });

  it("concludes when it may call nothing more", async () => {
    expect((await run("list files", { tools: [] })).text).toContain("I would need the tool `list_directory`");
  });

  it("takes no time to give up on a long message", async () => {
    const began = performance.now();
    expect((await run(`write ${" ".repeat(200_000)}x`)).text).toContain("I did not understand that");
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe("where the program speaks in place of the person", () => {
  const user = (text: string): Prompt[number] => ({ role: "user", content: [{ type: "text", text }] });
  const asked = (text: string) => user(`<context>\nThis is the program, not your owner. ${text}\n</context>`);
  const said: Prompt = [user("My name is Ada"), { role: "assistant", content: [{ type: "text", text: "Noted." }] }];

  it("sums up what was said as a list", async () => {
    const { text } = await step([...said, asked("The older part leaves. Sum all of it up for yourself.")]);
    expect(text).toBe("What was said before:\n- My name is Ada");
  });

  it("has nothing to write down before that", async () => {
    expect(await step([...said, asked("Write down what matters.")])).toEqual({ text: "Nothing to write down." });
  });
});
