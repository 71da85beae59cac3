import { Console } from "node:console";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { quietBeforeAnswerMs } from "../../../src/channel/cli/approval.ts";
import { createPlace, type Script, type Turn } from "./rig.ts";

const call = { id: "1", name: "delete_file", input: { path: "a.txt" } };
// Ink takes over the console by this constructor; the test runner's console comes without it.
console.Console ??= Console;
let ended = async () => {};
afterEach(() => ended());

/** A visit on something that behaves like a terminal of 80 columns and 24 rows. */
async function sitDown(script: Script, place = createPlace()) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {}, ref() {}, unref() {} });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let written = "";
  stdout.on("data", (data) => {
    written += data;
  });
  const visit = place.visit({ kind: "screen", historyFile: join(place.directory, "chat-history") }, script, {
    stdin,
    stdout,
  });
  await visit.started;
  ended = async () => {
    await visit.channel.stop();
    await visit.channel.close();
    place[Symbol.dispose]();
  };
  return {
    ...visit,
    place,
    type: (keys: string) => void stdin.write(keys),
    shows: (text: string) =>
      vi.waitFor(() => expect(stripVTControlCharacters(written)).toContain(text), { timeout: 5000 }),
    shown: () => stripVTControlCharacters(written),
  };
}

async function deletes({ reply, answer }: Turn): Promise<void> {
  const decision = await reply.ask?.({ call, argumentsHash: "", text: "Delete `a.txt`?" }, AbortSignal.timeout(5000));
  answer(typeof decision === "object" ? "Kept." : decision === "yes" ? "Deleted." : "Nobody answered.");
}

describe("the chat on a terminal", () => {
  it("sends what is typed, streams, and shows the answer once", async () => {
    const { type, shows, shown, heard, place } = await sitDown(async ({ show, answer }) => {
      show({ type: "run-start", verbose: false, reasoning: false });
      show({ type: "text-delta", text: "Good" });
      show({ type: "text-delta", text: " morning" });
      show({ type: "run-end", reason: "answered" });
      answer("Good morning to you.");
    });
    type("hello\r");
    await shows("Good morning to you.");
    expect(heard).toEqual(["hello"]);
    expect(shown().match(/Good morning to you/g)).toHaveLength(1);
    await vi.waitFor(() => expect(place.store.outbox.waiting("cli")).toEqual([]));
  });

  it("shows an answer that nobody saw, and goes on with what was not answered", async () => {
    const place = createPlace();
    const known = { channel: "cli", agent: "main", conversation: "cli:terminal" };
    place.store.outbox.add({ ...known, events: [{ kind: "text", text: "I had finished." }], answers: [] });
    place.store.inbox.add({
      ...known,
      event: "1",
      sender: "owner",
      origin: "owner",
      text: "and this?",
      at: new Date(),
    });
    const { shows, shown } = await sitDown(({ message, answer }) => answer(`About ${message.text}`), place);
    await shows("About and this?");
    expect(shown()).toMatch(/I had finished\.[\s\S]*Going on with your message from \d\d:\d\d: and this\?/);
  });

  it("decides a question by one key", async () => {
    const { type, shows } = await sitDown(deletes);
    type("delete it\r");
    await shows("[y] yes");
    await pause(quietBeforeAnswerMs + 50);
    type("y");
    await shows("Deleted.");
  });

  it("does not take what was being typed for an answer", async () => {
    const { type, shows, shown } = await sitDown(deletes);
    type("delete it\r");
    await shows("[y] yes");
    type("y");
    type("e");
    type("yes\r");
    await pause(quietBeforeAnswerMs + 50);
    expect(shown()).not.toContain("Deleted.");
    type("n");
    await shows("Kept.");
  });

  it("keeps the lines of a paste and does not send it", async () => {
    const { type, shows, heard } = await sitDown(({ answer }) => answer("Thanks."));
    type("\u001b[200~one\ntwo\r\n\u001b[201~");
    await shows("  two");
    expect(heard).toEqual([]);
    type("\r");
    await shows("Thanks.");
    expect(heard).toEqual(["one\ntwo"]);
  });

  it("sends a message into a run under way at once, stops it by Ctrl-C and leaves by a second", async () => {
    const { type, shows, heard, stopped, channel } = await sitDown(({ show }) => {
      show({ type: "run-start", verbose: false, reasoning: false });
    });
    type("first\r");
    await shows("thinking …");
    type("second\r");
    await vi.waitFor(() => expect(heard).toEqual(["first", "second"]));
    type("\u0003");
    await shows("Press Ctrl-C again to leave.");
    expect(stopped).toEqual(["cli:terminal"]);
    type("\u0003");
    expect(await channel.left).toBe(0);
  });

  it("is left by Ctrl-D", async () => {
    const { type, channel } = await sitDown(() => {});
    type("\u0004");
    expect(await channel.left).toBe(0);
  });
});
