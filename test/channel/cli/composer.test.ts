import { describe, expect, it } from "vitest";
import { type Composer, emptyComposer, menuOf, press } from "../../../src/channel/cli/composer.ts";
import type { Command } from "../../../src/channel/cli/keys.ts";

const commands = ["status", "stop", "help"].map((name) => ({ name, summary: "" }));
const type = (text: string): Command => ({ type: "edit", action: { type: "insert", text } });
const key = (name: Exclude<Command["type"], "edit" | "enter-text">): Command => ({ type: name });

/** What stands in the input after these keys, and what was sent on the way. */
function outcomeOf(keys: Command[], history: string[] = []) {
  const sent: string[] = [];
  let composer: Composer = emptyComposer;
  for (const command of keys) {
    const pressed = press(composer, command, { commands, history, columns: 40 });
    composer = pressed.composer;
    if (pressed.send !== undefined) sent.push(pressed.send);
  }
  return { text: composer.editor.text, sent, menu: menuOf(composer, commands).map(({ name }) => name) };
}

describe("what is written", () => {
  it("is sent by Enter", () => {
    expect(outcomeOf([type("hello"), key("enter")])).toMatchObject({ text: "", sent: ["hello"] });
  });

  it("is sent also when Enter came in one piece with it", () => {
    expect(outcomeOf([type("hel"), { type: "enter-text", text: "lo" }])).toMatchObject({ text: "", sent: ["hello"] });
  });

  it("is not sent while it is empty", () => {
    expect(outcomeOf([type(" \n"), key("enter")]).sent).toEqual([]);
  });

  it("goes on in a new line after a backslash and after Alt-Enter", () => {
    expect(outcomeOf([type("a\\"), key("enter"), type("b"), key("newline"), type("c")])).toMatchObject({
      text: "a\nb\nc",
      sent: [],
    });
  });
});

describe("the history", () => {
  const history = ["first", "second"];

  it("is gone through by the arrows, back to what was being written", () => {
    expect(outcomeOf([type("new"), key("up")], history).text).toBe("second");
    expect(outcomeOf([type("new"), key("up"), key("up"), key("up")], history).text).toBe("first");
    expect(outcomeOf([type("new"), key("up"), key("up"), key("down"), key("down")], history).text).toBe("new");
  });

  it("waits until the arrows are at the first row of what is written", () => {
    expect(outcomeOf([type("a\nb"), key("up"), type("x")], history).text).toBe("ax\nb");
    expect(outcomeOf([type("a\nb"), key("up"), key("up")], history).text).toBe("second");
  });
});

describe("commands", () => {
  it("are offered while nothing but the beginning of one is written", () => {
    expect(outcomeOf([type("/st")]).menu).toEqual(["status", "stop"]);
    expect(outcomeOf([type("/stop now")]).menu).toEqual([]);
    expect(outcomeOf([type("tell /st")]).menu).toEqual([]);
  });

  it("are completed by Tab: the first, or the one that the arrows chose", () => {
    expect(outcomeOf([type("/st"), key("complete")]).text).toBe("/status ");
    expect(outcomeOf([type("/st"), key("down"), key("down"), key("complete")]).text).toBe("/stop ");
  });

  it("are sent as they were written, unless one was chosen", () => {
    expect(outcomeOf([type("/stop"), key("enter")]).sent).toEqual(["/stop"]);
    expect(outcomeOf([type("/"), key("up"), key("enter")])).toMatchObject({ text: "/stop ", sent: [] });
  });
});
