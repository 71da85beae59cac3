import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSecrets } from "../src/config/secrets.ts";
import { createLogger, fileWriter, type LogFormat, type LogLevel } from "../src/log.ts";
import { temporaryFolder } from "./support/temporary.ts";

function logger(options: { level?: LogLevel; format?: LogFormat; mask?: (text: string) => string } = {}) {
  const lines: string[] = [];
  const now = () => new Date("2026-11-20T10:00:00Z");
  return { lines, log: createLogger({ write: (line) => lines.push(line), now, ...options }) };
}

describe("a line of the log", () => {
  it("has time, level, message, and the details as JSON", () => {
    const { lines, log } = logger();
    log.info("Ready", { tools: 7, model: "small" });
    log.warn("Left out");
    expect(lines).toEqual([
      '2026-11-20T10:00:00.000Z info Ready {"tools":7,"model":"small"}',
      "2026-11-20T10:00:00.000Z warn Left out",
    ]);
  });

  it("is one JSON object for programs", () => {
    const { lines, log } = logger({ format: "json" });
    log.info("Ready", { tools: 7 });
    log.warn("Left out");
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    log.error("A circle", circle);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { time: "2026-11-20T10:00:00.000Z", level: "info", message: "Ready", data: { tools: 7 } },
      { time: "2026-11-20T10:00:00.000Z", level: "warn", message: "Left out" },
      {
        time: "2026-11-20T10:00:00.000Z",
        level: "error",
        message: "A circle",
        data: "details that cannot be written",
      },
    ]);
  });

  it("is one line, whatever stands in the details", () => {
    const { lines, log } = logger();
    log.info("Tool failed", { output: "one\ntwo\r\n2026-11-20T10:00:00.000Z error faked" });
    expect(lines[0]).not.toMatch(/[\n\r]/);
  });

  it("is written from its level on", () => {
    const { lines, log } = logger({ level: "warn" });
    for (const level of ["debug", "info", "warn", "error"] as const) log[level](level);
    expect(lines.map((line) => line.split(" ")[1])).toEqual(["warn", "error"]);
  });

  it("has of an error its message, the place, and what caused it, down to the first", () => {
    const { lines, log } = logger();
    const first = new TypeError("socket closed");
    log.error("Run failed", { error: new Error("no answer", { cause: new Error("fetch failed", { cause: first }) }) });
    const { error } = JSON.parse(lines[0]?.slice(lines[0].indexOf("{")) ?? "");
    expect(error).toMatchObject({ name: "Error", message: "no answer", cause: { message: "fetch failed" } });
    expect(error.cause.cause).toMatchObject({ name: "TypeError", message: "socket closed" });
    expect(error.stack[0]).toContain("log.test.ts");
  });

  it("is written without the details when they cannot be", () => {
    const { lines, log } = logger();
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const error = new Error("round");
    error.cause = error;
    log.error("A circle", circle);
    log.error("A large number", { size: 1n });
    log.error("Its own cause", { error });
    expect(lines.map((line) => line.slice(25))).toEqual([
      "error A circle (details that cannot be written)",
      "error A large number (details that cannot be written)",
      "error Its own cause (details that cannot be written)",
    ]);
  });

  it("that cannot be written stops nothing", () => {
    const log = createLogger({
      write() {
        throw new Error("disk full");
      },
    });
    expect(() => log.error("anything")).not.toThrow();
  });
});

describe("a secret", () => {
  const secret = 'p4ss "word"\\with all of it';
  const folder = () => {
    const home = temporaryFolder();
    writeFileSync(join(home, ".env"), `MEMTRIX_SECRET_KEY='${secret}'\nMEMTRIX_SECRET_TOKEN=sk-abcdef123456\n`, {
      mode: 0o600,
    });
    return home;
  };

  it.each([
    ["the message", (text: string) => [text, {}]],
    ["the details", (text: string) => ["", { address: `http://a/?key=${text}` }]],
    ["the name of a detail", (text: string) => ["", { [text]: true }]],
    ["an error", (text: string) => ["", { error: new Error(`401 for ${text}`) }]],
    ["what caused an error", (text: string) => ["", { error: new Error("failed", { cause: new Error(text) }) }]],
    ["a cause that is no error", (text: string) => ["", { error: new Error("failed", { cause: { header: text } }) }]],
    ["the stack of an error", (text: string) => ["", { error: withStack(text) }]],
    ["an address", (text: string) => ["", { url: new URL(`http://a/${encodeURIComponent(text)}`) }]],
  ] as const)("in %s is not written", (_place, details) => {
    const { mask } = loadSecrets(folder(), {});
    for (const text of ["sk-abcdef123456", secret]) {
      const { lines, log } = logger({ mask });
      const [message, data] = details(text) as [string, Record<string, unknown>];
      log.error(message, data);
      expect(lines[0]).toMatch(/\[secret (KEY|TOKEN)\]/);
      expect(lines[0]).not.toMatch(/abcdef|p4ss|with/);
    }
  });
});

describe("the file of the log", () => {
  it("is its owner's alone, in a folder that is made, and grows by lines", () => {
    const path = join(temporaryFolder(), "data/logs/memtrix.log");
    const write = fileWriter(path);
    write("one");
    write("two");
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is put aside when it is large, and only the last one is kept", () => {
    const path = join(temporaryFolder(), "memtrix.log");
    const write = fileWriter(path, 10);
    for (const line of ["first line", "second line", "third line", "4", "5"]) write(line);
    expect(readFileSync(path, "utf8")).toBe("4\n5\n");
    expect(readFileSync(`${path}.1`, "utf8")).toBe("third line\n");
  });
});

function withStack(text: string): Error {
  const error = new Error("failed");
  error.stack = `Error: failed\n    at ${text} (file.ts:1:1)`;
  return error;
}
