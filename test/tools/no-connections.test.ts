import { describe, expect, it } from "vitest";
import { sourceFiles } from "../support/source-files.ts";

const ways = new Set([
  "undici",
  "http",
  "https",
  "http2",
  "net",
  "tls",
  "dns",
  "dgram",
  "child_process",
  "cluster",
  "vm",
  "repl",
  "inspector",
]);

describe("a file in tools/", () => {
  const files = sourceFiles("tools");

  it("opens no connection and starts no program by itself: what it reaches, it is handed", () => {
    expect(files.length).toBeGreaterThan(20);
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter((one) => !one.typeOnly && ways.has(one.path.replace(/^node:/, "").split("/")[0] ?? ""))
        .map((one) => `${path} imports ${one.path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("uses none of the ways that need no import", () => {
    const globals =
      /(?<![.\w"'`-])(?:fetch|WebSocket|EventSource|XMLHttpRequest|eval|Function|require|getBuiltinModule)\s*\(|\bprocess\.(?:binding|dlopen|getBuiltinModule)|\bcreateRequire\b|globalThis/;
    const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    expect(files.filter(({ text }) => globals.test(code(text))).map(({ path }) => path)).toEqual([]);
  });

  it("gets no connector from the way out: its contract, its errors and what judges are all there is to import", () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter((one) => !one.typeOnly && one.path.startsWith("src/egress/"))
        .map((one) => `${path} imports ${one.path}`),
    );
    expect(wrong.filter((one) => !one.endsWith("src/egress/egress-error.ts"))).toEqual([]);
  });
});
