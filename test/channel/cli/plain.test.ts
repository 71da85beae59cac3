import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { CliMode } from "../../../src/channel/cli/cli.ts";
import { createPlace, type Script, type Turn } from "./rig.ts";

const lines: CliMode = { kind: "lines" };
const once = (text: string, more: { json?: boolean; yes?: boolean; verbose?: boolean } = {}): CliMode => ({
  kind: "once",
  text,
  ...more,
});
const echo: Script = ({ message, answer }) => answer(`You said ${message.text}.`);
const call = { id: "1", name: "delete_file", input: { path: "a.txt" } };

async function deletes({ reply, answer }: Turn): Promise<void> {
  const decision = await reply.ask?.({ call, argumentsHash: "", text: "Delete `a.txt`?" }, AbortSignal.timeout(5000));
  answer(decision === "yes" ? "Deleted." : "Kept.");
}

function inputOf(text = ""): PassThrough {
  const stdin = new PassThrough();
  stdin.end(text);
  return stdin;
}

/** One whole visit: what came out on both sides, and the exit code. */
async function visit(mode: CliMode, script: Script, input?: string, place = createPlace()) {
  const { channel, output, errors, heard } = place.visit(mode, script, { stdin: inputOf(input) });
  const exitCode = await channel.left;
  await channel.stop();
  await channel.close();
  return { exitCode, stdout: output(), stderr: errors(), heard, place };
}

describe("memtrix chat -m", () => {
  it("prints the answer alone and ends well", async () => {
    const { exitCode, stdout, stderr, place } = await visit(once("hello"), echo);
    using _ = place;
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "You said hello.\n", stderr: "" });
    expect(place.store.outbox.waiting("cli")).toEqual([]);
  });

  it("keeps what happens on the way out of the answer", async () => {
    const { stdout, stderr, place } = await visit(once("read it"), ({ show, answer }) => {
      show({ type: "run-start", verbose: false, reasoning: false });
      show({ type: "text-delta", text: "Let me see" });
      show({
        type: "tool-end",
        call: { id: "1", name: "read_file", input: { path: "a.txt" } },
        output: "one\ntwo",
        durationMs: 200,
      });
      show({ type: "run-end", reason: "answered" });
      answer("Two lines.");
    });
    using _ = place;
    expect(stdout).toBe("Two lines.\n");
    expect(stderr).toBe("● read_file a.txt – 2 lines, 0.2 s\n");
  });

  describe("while a long call goes on", () => {
    const call = { id: "1", name: "download_file", input: { url: "https://example.com/big" } };
    const downloads =
      (verbose: boolean): Script =>
      ({ show, answer }) => {
        show({ type: "run-start", verbose, reasoning: false });
        show({ type: "tool-progress", call, text: "1.0 MB of 5.2 MB\u001b[2J" });
        show({ type: "tool-end", call, output: "Saved.", failed: false, durationMs: 3000 });
        answer("It is there.");
      };
    const [halfway, done] = [
      "… download_file https://example.com/big – 1.0 MB of 5.2 MB\n",
      "● download_file https://example.com/big – Saved, 3.0 s\n",
    ];

    it.each([
      ["with --verbose", true, false, halfway + done],
      ["when its agent is switched to /verbose", false, true, halfway + done],
      ["and not otherwise", false, false, done],
    ])("tells how far it is %s", async (_, flag, switched, said) => {
      const { stdout, stderr, place } = await visit(once("get it", { verbose: flag }), downloads(switched));
      using _place = place;
      expect({ stdout, stderr }).toEqual({ stdout: "It is there.\n", stderr: said });
    });
  });

  it("does not wait for a run whose end could not even be stored", async () => {
    const { exitCode, stdout, stderr, place } = await visit(once("hello"), ({ show }) => {
      show({ type: "notice", text: "The disk is full." });
      show({ type: "run-end", reason: "failed" });
    });
    using _ = place;
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "The disk is full.\nThere was no answer.\n",
    });
    expect(place.store.inbox.open("cli")).toHaveLength(1);
  });

  it("says a failure on stderr and ends with 1", async () => {
    const { exitCode, stdout, stderr, place } = await visit(once("hello"), ({ show, answer }) => {
      show({ type: "run-end", reason: "failed" });
      answer("The model cannot be reached.");
    });
    using _ = place;
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: "", stderr: "The model cannot be reached.\n" });
  });

  it("takes the whole input as the message for -m -", async () => {
    const { heard, place } = await visit(once("-"), echo, "one\ntwo\n");
    using _ = place;
    expect(heard).toEqual(["one\ntwo\n"]);
  });

  it("says no to a question that nobody is there to answer, and says the question", async () => {
    const { stdout, stderr, place } = await visit(once("delete a"), deletes);
    using _ = place;
    expect(stdout).toBe("Kept.\n");
    expect(stderr).toContain("Delete `a.txt`?\nNo:");
  });

  it("says yes with --yes", async () => {
    const { stdout, stderr, place } = await visit(once("delete a", { yes: true }), deletes);
    using _ = place;
    expect(stdout).toBe("Deleted.\n");
    expect(stderr).toContain("Delete `a.txt`?");
  });

  it("writes every event and the answer as one line of JSON each", async () => {
    const { stdout, place } = await visit(once("hi", { json: true }), ({ show, answer }) => {
      show({ type: "text-delta", text: "Hel\nlo" });
      show({ type: "run-end", reason: "answered" });
      answer("Hello");
    });
    using _ = place;
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { type: "text-delta", agent: "Memtrix", text: "Hel\nlo" },
      { type: "run-end", agent: "Memtrix", reason: "answered" },
      { type: "answer", agent: "Memtrix", text: "Hello", failed: false },
    ]);
  });

  it("lets no answer reach for the terminal", async () => {
    const { stdout, place } = await visit(once("x"), ({ answer }) =>
      answer("\u001b]0;owned\u0007safe\u001b[2J\u0008 text"),
    );
    using _ = place;
    expect(stdout).toBe("safe text\n");
  });
});

describe("what an earlier visit left", () => {
  it("is worked through first, and its answer goes to stderr", async () => {
    const place = createPlace();
    using _ = place;
    place.store.inbox.add({
      ...{ channel: "cli", agent: "main", event: "1", conversation: "cli:terminal", sender: "owner", origin: "owner" },
      ...{ text: "what was I saying?", at: new Date() },
    });
    const { stdout, stderr, heard } = await visit(once("hello"), echo, undefined, place);
    expect(heard).toEqual(["what was I saying?", "hello"]);
    expect(stdout).toBe("You said hello.\n");
    expect(stderr).toMatch(
      /^Going on with your message from \d\d:\d\d: what was I saying\?\nYou said what was I saying\?\.\n$/,
    );
  });

  it("is shown when it is an answer that nobody saw", async () => {
    const place = createPlace();
    using _ = place;
    const lost = { channel: "cli", agent: "main", conversation: "cli:terminal", answers: [7] };
    place.store.outbox.add({ ...lost, events: [{ kind: "text", text: "I had finished." }] });
    place.store.outbox.add({ ...lost, conversation: "cli:other", events: [{ kind: "text", text: "Not for here." }] });
    const { stderr } = await visit(once("hello"), echo, undefined, place);
    expect(stderr).toBe("I had finished.\n");
    expect(place.store.outbox.waiting("cli").map(({ conversation }) => conversation)).toEqual(["cli:other"]);
  });
});

describe("piped input", () => {
  it("is answered line by line, each before the next is sent", async () => {
    const order: string[] = [];
    const { exitCode, stdout, place } = await visit(
      lines,
      async ({ message, answer }) => {
        order.push(`in ${message.text}`);
        await new Promise(setImmediate);
        order.push(`out ${message.text}`);
        answer(message.text.toUpperCase());
      },
      "a\n\nb\n",
    );
    using _ = place;
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "A\nB\n" });
    expect(order).toEqual(["in a", "out a", "in b", "out b"]);
  });

  it("keeps an answer for the next visit when its reader has gone", async () => {
    const place = createPlace();
    using _ = place;
    const { channel, stdout } = place.visit(lines, echo, { stdin: inputOf("a\n") });
    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    expect(await channel.left).toBe(1);
    await channel.close();
    expect(place.store.outbox.waiting("cli")).toHaveLength(1);
  });
});
