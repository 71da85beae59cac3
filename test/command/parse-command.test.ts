import { describe, expect, it } from "vitest";
import { parseCommand } from "../../src/command/command.ts";
import { commands } from "../../src/command/commands.ts";

/** What is understood: `name args`, `? typed → nearest` for an unknown one, `message` for what is none. */
function understood(text: string, known = commands): string {
  const parsed = parseCommand(text, known);
  if (!parsed) return "message";
  if ("command" in parsed) return `${parsed.command.name} ${parsed.args}`.trim();
  return `? ${parsed.unknown} → ${parsed.nearest ?? "none"}`;
}

describe("a message", () => {
  it.each([
    ["/help", "help"],
    ["!help", "help"],
    [" /STATUS \n", "status"],
    ["/new", "clear"],
    ["/clear", "clear"],
    ["/verbose on", "verbose on"],
    ["!model  large   always ", "model large   always"],
    ["/memory search one\ntwo", "memory search one\ntwo"],
    ["/memory\nsearch", "memory search"],
  ])("that is %j is the command %s", (text, expected) => {
    expect(understood(text)).toBe(expected);
  });

  it.each([
    ["/hlep", "? hlep → help"],
    ["/stpo", "? stpo → stop"],
    ["/claer now", "? claer → clear"],
    ["!modle large", "? modle → model"],
    ["/mem search cats", "? mem → memory"],
    ["/stat", "? stat → status"],
    ["/neww", "? neww → new"],
    ["/reasonning on", "? reasonning → reasoning"],
    ["/xyzzy", "? xyzzy → none"],
    ["!ls", "? ls → none"],
  ])("that is %j is an unknown command, and the nearest is named: %s", (text, expected) => {
    expect(understood(text)).toBe(expected);
  });

  it.each([
    "hello",
    "",
    "/",
    "!",
    "//help",
    "!!",
    "/etc/passwd",
    "/etc/hosts is empty, why?",
    "/home/ada/notes.md",
    "/help/me",
    "/help, please",
    "/help-me",
    "/2 of it",
    "/ help",
    "! stop",
    "!important: buy milk",
    "!wow that is nice",
    "/shrug whatever you say",
    "/tmp is full, what can I delete?",
    "what does /help do?",
    "help",
    "stop",
    "</help>",
  ])("that is %j is a message", (text) => {
    expect(understood(text)).toBe("message");
  });

  it("names only what this person may use", () => {
    const forAnyone = commands.filter(({ who }) => who === "anyone");
    expect(understood("/help", forAnyone)).toBe("help");
    expect(understood("/claer", forAnyone)).toBe("? claer → none");
    expect(understood("/clear", forAnyone)).toBe("? clear → none");
  });
});

describe("the commands", () => {
  it("have names of one lower-case word, each once", () => {
    const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+$/.test(name))).toEqual([]);
  });

  it("are the owner's, but for help", () => {
    expect(commands.filter(({ who }) => who === "anyone").map(({ name }) => name)).toEqual(["help"]);
  });
});
