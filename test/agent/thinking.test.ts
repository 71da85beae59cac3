import { describe, expect, it } from "vitest";
import { createThinkingSplitter } from "../../src/agent/thinking.ts";

/** What a person sees in the end, whatever the pieces in which the text comes. */
function split(pieces: string[]) {
  let text = "";
  let thinking = "";
  let resets = 0;
  const splitter = createThinkingSplitter({
    text: (delta) => (text += delta),
    thinking: (delta) => (thinking += delta),
    reset() {
      text = "";
      resets++;
    },
  });
  for (const piece of pieces) splitter.push(piece);
  const answer = splitter.end();
  expect(answer, "what was streamed is what is kept").toBe(text);
  return { text, thinking, resets };
}

const cases: [name: string, said: string, text: string, thinking: string][] = [
  ["plain text", "Good morning.", "Good morning.", ""],
  ["a block at the start", "<think>Hm, easy.</think>\n\nGood morning.", "Good morning.", "Hm, easy."],
  ["the longer tag", "<thinking>Hm.</thinking>Good morning.", "Good morning.", "Hm."],
  ["blank lines before it", "\n\n<think>Hm.</think>Hi", "Hi", "Hm."],
  ["an empty block", "<think>\n\n</think>\n\nHi", "Hi", "\n\n"],
  ["two blocks", "<think>one</think>\n<think>two</think>Hi", "Hi", "onetwo"],
  ["a block that never ends", "<think>Hm, I wonder", "", "Hm, I wonder"],
  ["a lone closing tag on a line of its own", "It is morning.\n</think>\n\nHi", "Hi", "It is morning.\n"],
  ["a lone closing tag at a line's end", "It is morning.</think>\n\nHi", "Hi", "It is morning."],
  ["a lone closing tag at a line's start", "It is morning.\n</think>Hi", "Hi", "It is morning.\n"],
  ["a lone closing tag at the very end", "It is morning.</think>", "", "It is morning."],
  ["tags in mid-text", "Write <think>so</think> there.", "Write <think>so</think> there.", ""],
  ["a lone tag in a sentence", "The </think> tag ends it.", "The </think> tag ends it.", ""],
  ["a tag between backticks", "End it with `</think>`\nso.", "End it with `</think>`\nso.", ""],
  ["a tag in a fence", "See:\n```\nHm\n</think>\nHi\n```\n", "See:\n```\nHm\n</think>\nHi\n```\n", ""],
  ["a block in a fence", "```\n<think>a\n</think>\n```", "```\n<think>a\n</think>\n```", ""],
  ["something that begins like a tag", "<thin ice> is <b>thin</b>", "<thin ice> is <b>thin</b>", ""],
  ["half a tag and no more", "<thi", "<thi", ""],
  ["a sign in a thought", "<think>1 < 2 </thin ice></think>Hi", "Hi", "1 < 2 </thin ice>"],
  ["nothing", "", "", ""],
];

describe("thinking written into the text", () => {
  it.each(cases)("%s", (_name, said, text, thinking) => {
    expect(split([said])).toMatchObject({ text, thinking });
  });

  it.each(cases)("%s, a letter at a time and cut in two anywhere", (_name, said, text, thinking) => {
    expect(split([...said])).toMatchObject({ text, thinking });
    for (let at = 0; at <= said.length; at++) {
      expect(split([said.slice(0, at), said.slice(at)]), `cut at ${at}`).toMatchObject({ text, thinking });
    }
  });

  it("shows a thought while it comes, without the tag", () => {
    const told: string[] = [];
    const splitter = createThinkingSplitter({ text: () => {}, thinking: (delta) => told.push(delta), reset: () => {} });
    splitter.push("<think>One ");
    splitter.push("two.</th");
    expect(told).toEqual(["One ", "two."]);
    splitter.push("ink>");
    expect(told.join("")).toBe("One two.");
  });

  it("takes text back only when a lone closing tag makes it thinking", () => {
    expect(split(["<think>a</think>b"]).resets).toBe(0);
    expect(split(["a\n", "</think>\n", "b"]).resets).toBe(1);
  });
});
