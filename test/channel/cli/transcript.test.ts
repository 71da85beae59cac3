import { describe, expect, it } from "vitest";
import type { AgentEvent } from "../../../src/agent/events.ts";
import type { InboundMessage } from "../../../src/channel/channel.ts";
import { advance, type Change, emptyTranscript, isBusy } from "../../../src/channel/cli/transcript.ts";

const call = { id: "1", name: "read_file", input: { path: "a.txt" } };
const said = (text: string, inbox = 1): Change => ({ type: "said", message: { text, inbox } as InboundMessage });
const answer = (text: string, ...answers: number[]): Change => ({ type: "answer", agent: "main", text, answers });
const event = (given: Partial<AgentEvent> & { type: AgentEvent["type"] }, message = 1): Change => ({
  type: "event",
  message,
  event: { agent: "main", ...given } as AgentEvent,
});
const start = event({ type: "run-start", verbose: false, reasoning: false });
const ends = event({ type: "tool-end", call, output: "x", failed: false, refused: false, durationMs: 5 });

function outcomeOf(...changes: Change[]) {
  const transcript = changes.reduce(advance, emptyTranscript("main"));
  const entries = transcript.entries.map((entry) =>
    entry.kind === "tool" ? `tool ${entry.call.name}` : `${entry.kind} ${entry.text}`,
  );
  return { ...transcript, entries, busy: isBusy(transcript) };
}

describe("the conversation on the screen", () => {
  it("shows what is streamed until the answer takes its place", () => {
    const streaming = [
      said("hi"),
      start,
      event({ type: "text-delta", text: "Hel" }),
      event({ type: "text-delta", text: "lo" }),
    ];
    expect(outcomeOf(...streaming)).toMatchObject({ busy: true, entries: ["person hi"], run: { text: "Hello" } });
    expect(outcomeOf(...streaming, event({ type: "run-end", reason: "answered" }), answer("Hello!", 1))).toMatchObject({
      busy: false,
      entries: ["person hi", "agent Hello!"],
      run: undefined,
    });
  });

  it("forgets what was streamed when the attempt failed", () => {
    expect(outcomeOf(start, event({ type: "text-delta", text: "Hel" }), event({ type: "text-reset" })).run?.text).toBe(
      "",
    );
  });

  it("keeps what was said before a call, and does not say it again when it is the answer", () => {
    const progress = [
      said("hi"),
      start,
      event({ type: "step-end", text: "Noted. " }),
      event({ type: "tool-start", call }),
      ends,
    ];
    expect(outcomeOf(...progress, answer("Noted.", 1)).entries).toEqual([
      "person hi",
      "agent Noted.",
      "tool read_file",
    ]);
    expect(outcomeOf(...progress, answer("Done.", 1)).entries.at(-1)).toBe("agent Done.");
  });

  it("lets the answer of a command stand beside a run under way", () => {
    const both = outcomeOf(
      said("hi"),
      start,
      event({ type: "text-delta", text: "Hel" }),
      said("/help", 2),
      answer("Commands", 2),
    );
    expect(both).toMatchObject({
      busy: true,
      entries: ["person hi", "person /help", "agent Commands"],
      run: { text: "Hel" },
    });
  });

  it("ends the run for a message that steered it as well", () => {
    expect(outcomeOf(said("a"), start, said("b", 2), answer("Both.", 1, 2))).toMatchObject({
      busy: false,
      owed: [],
      run: undefined,
    });
  });

  it("waits no longer for a message that is settled without an answer", () => {
    expect(outcomeOf(said("a"), start, { type: "settled", messages: [1] })).toMatchObject({
      busy: false,
      run: undefined,
    });
  });

  it("keeps thinking only for a person who wants to see it", () => {
    const thinking = event({ type: "thinking-delta", text: "Hm." });
    const speaking = event({ type: "text-delta", text: "Yes" });
    expect(outcomeOf(start, thinking, speaking).entries).toEqual([]);
    expect(
      outcomeOf(event({ type: "run-start", verbose: false, reasoning: true }), thinking, speaking).entries,
    ).toEqual(["thinking Hm."]);
  });

  it("does not mix the words of another agent into the answer, but shows its calls", () => {
    const other = { agent: "researcher" };
    const { run, entries } = outcomeOf(
      start,
      event({ type: "text-delta", text: "found", ...other }),
      event({ type: "tool-end", call, output: "", failed: false, refused: false, durationMs: 1, ...other }),
      event({ type: "run-end", reason: "answered", ...other }),
    );
    expect({ text: run?.text, over: run?.over, entries }).toEqual({
      text: "",
      over: undefined,
      entries: ["tool read_file"],
    });
  });

  it("puts one question at a time, and keeps what was decided", () => {
    const asked: Change[] = [
      { type: "asked", id: 1, text: "Delete a?" },
      { type: "asked", id: 2, text: "Delete b?" },
    ];
    expect(outcomeOf(...asked).questions[0]?.id).toBe(1);
    const decided = outcomeOf(...asked, { type: "decided", id: 1, outcome: "no" });
    expect(decided.questions.map(({ id }) => id)).toEqual([2]);
    expect(decided.entries).toEqual(["decision Delete a?"]);
  });
});
