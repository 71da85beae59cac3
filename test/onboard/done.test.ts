import { decodeQR } from "qr/decode.js";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../onboard/carry-out.ts";
import { doneText } from "../../onboard/done.ts";
import { phoneLink, qrLines } from "../../onboard/phone-link.ts";
import { surroundingsOf } from "../../onboard/surroundings.ts";

const source = {
  provider: { section: "rehearsal", type: "rehearsal", settings: {}, secrets: {} },
  model: { id: "rehearsal", contextTokens: 16_384 },
};
const answers = { ...source, name: "Ada", others: [], channel: "cli", timezone: "UTC" };
const written = { config: "/home/x/data/config.json", secrets: undefined, workspace: [] };
const options = { surroundings: surroundingsOf({}), goesOn: false, useColor: false };

const onMatrix = (address: string): Outcome => ({
  answers: { ...answers, channel: "matrix", matrix: { kind: "here", owner: "you" } },
  written,
  matrix: {
    section: { homeserver: address, user_id: "@ada:example.org" },
    ...{ address, owner: { userId: "@you:example.org", password: "p".repeat(24) }, recoveryKey: "EsT1 abcd" },
  },
});

describe("what is said at the end", () => {
  it("in the terminal is one command", () => {
    const text = doneText({ answers, written, matrix: undefined }, options);
    expect(text).toMatch(/To talk to Ada type: npm start$/);
    expect(doneText({ answers, written, matrix: undefined }, { ...options, goesOn: true })).not.toContain("npm start");
  });

  it("on Matrix is the address, the login, what the recovery key is for, and what to do next", () => {
    const text = doneText(onMatrix("http://127.0.0.1:6167"), options);
    expect(text).toContain(`@you:example.org. Its password, shown only now:\n\n    ${"p".repeat(24)}\n`);
    expect(text).toMatch(/should\s+this machine be lost[\s\S]*\n {4}EsT1 abcd\n/);
    expect(text).toMatch(/1\. Start it: npm start\n {2}2\. In Element .*http:\/\/127\.0\.0\.1:6167/);
    expect(text).not.toContain("█");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("on Matrix as it was asks nobody to log in anew", () => {
    const kept: Outcome = {
      answers: { ...answers, channel: "matrix", matrix: { kind: "kept", owners: ["@you:example.org"] } },
      written,
      matrix: { section: { owners: ["@you:example.org"] } },
    };
    const text = doneText(kept, options);
    expect(text).toMatch(/npm start, and write to Ada where you did before\.$/);
    expect(text).not.toContain(".env");
  });

  it("shows a code for the phone where a phone gets to", () => {
    const text = doneText(onMatrix("https://matrix.example.org"), options);
    expect(text).toContain("https://matrix.to/#/@ada:example.org");
    expect(text).toContain("█");
  });
});

describe("a phone", () => {
  it.each(["https://matrix.example.org", "http://192.168.1.5:6167", "http://memtrix.local:6167"])(
    "reaches %s",
    (at) => {
      expect(phoneLink(at, "@ada:example.org")).toBe("https://matrix.to/#/@ada:example.org");
    },
  );

  it.each([
    "http://127.0.0.1:6167",
    "http://localhost:6167",
    "http://[::1]:6167",
    "http://conduit:6167",
    "http://0.0.0.0:1",
  ])("does not reach %s", (at) => {
    expect(phoneLink(at, "@ada:example.org")).toBeUndefined();
  });

  it.each([true, false])("reads the code (with colours: %s)", (useColor) => {
    const link = "https://matrix.to/#/@ada:example.org";
    expect(readBack(qrLines(link, useColor))).toBe(link);
  });
});

/** What a camera would see of the lines: in each character two dots, one above the other, bright where it is drawn. */
function readBack(lines: string[]): string {
  const dots = lines.flatMap((line) => {
    const characters = [...line.replace(/\u001b\[[\d;]*m/g, "")];
    return ["█▀", "█▄"].map((bright) => characters.map((character) => bright.includes(character)));
  });
  const size = 4;
  const [height, width] = [dots.length * size, (dots[0]?.length ?? 0) * size];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.fill(
        dots[Math.floor(y / size)]?.[Math.floor(x / size)] ? 255 : 0,
        (y * width + x) * 4,
        (y * width + x) * 4 + 4,
      );
  return decodeQR({ width, height, data });
}
