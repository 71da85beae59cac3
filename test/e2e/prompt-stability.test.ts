import { describe, expect, it } from "vitest";
import type { Turn } from "../support/model-server.ts";
import { program } from "../support/program.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { type Heard, startWireModel, wireNames } from "../support/wire-model.ts";

// A model's server keeps what it has computed for the bytes that two requests share from their beginning on. What is
// compared here is the body of each request as it came over the wire with the body of the one before it.

describe.each(wireNames)("over 20 messages by %s", (wire) => {
  it("every request begins with the bytes of the one before, up to the person's previous message", async () => {
    await using model = await startWireModel(wire, looksAround);
    using home = temporaryHome();
    home.write("data/config.json", model.config);
    home.write("workspace/list.txt", "milk\nbread\n");
    await using memtrix = program({ home: home.path });
    const lines = Array.from({ length: 20 }, (_, index) => `Message “${index + 1}”: what is next?`);

    // A restart in the middle: the view of what was said is the same when it is read anew.
    expect(await memtrix.chat(lines.slice(0, 10))).toMatchObject({ code: 0 });
    expect(await memtrix.chat(lines.slice(10))).toMatchObject({ code: 0 });

    const requests = model.bodies.map((bytes, index) => ({ bytes, newest: model.heard[index]?.newest ?? "" }));
    expect(new Set(requests.map(({ newest }) => newest)).size).toBe(20);
    expect(requests.length).toBeGreaterThan(30);
    for (const [index, request] of requests.entries()) {
      const before = requests[index - 1];
      if (!before) continue;
      const isSameRun = request.newest === before.newest;
      // Within a run all that was sent stays; after it, all before the message that the run was about.
      const shared = isSameRun ? endOfMessages(before.bytes) : beginningOf(before.newest, before.bytes);
      expect(shared).toBeGreaterThan(1_000);
      expect(request.bytes.toString("utf8", 0, shared)).toBe(before.bytes.toString("utf8", 0, shared));
      expect(withoutMessages(request.bytes)).toBe(withoutMessages(before.bytes));
    }
  });
});

/** Calls tools in two of three messages: one call, or two steps of which the first has two calls. */
function looksAround({ newest, calls }: Heard): string | Turn {
  const number = Number(/Message “(\d+)”/.exec(newest)?.[1]);
  const read = { name: "read_file", input: { path: "list.txt" } };
  if (number % 3 === 1 && calls.length < 1)
    return { text: "One moment.", calls: [{ name: "get_current_time", input: {} }] };
  if (number % 3 === 2 && calls.length < 2)
    return { thinking: "Two at once.", calls: [read, { name: "list_directory", input: { path: "" } }] };
  if (number % 3 === 2 && calls.length < 3) return { calls: [{ name: "read_file", input: { path: "no such file" } }] };
  return `Answer ${number}, with “quotes”, ünïcödé and a <tag> & more.`;
}

/** The byte at which this message's text begins in a body. */
function beginningOf(message: string, body: Buffer): number {
  return body.lastIndexOf(JSON.stringify(message).slice(1, -1));
}

/** The byte after the last message in a body. */
function endOfMessages(body: Buffer): number {
  const messages = Buffer.from(JSON.stringify(JSON.parse(body.toString()).messages).slice(0, -1));
  return body.indexOf(messages) + messages.length;
}

/** All of a body but its messages, as text: tools and settings, in their order. */
function withoutMessages(body: Buffer): string {
  return JSON.stringify({ ...JSON.parse(body.toString()), messages: [] });
}
