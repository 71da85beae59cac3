import { describe, expect, it } from "vitest";
import { attachmentName, numbered } from "../../../../src/channel/matrix/media/attachment-name.ts";
import { keepAttachment } from "../../../../src/channel/matrix/media/keep-attachment.ts";
import { downloadNameProblem } from "../../../../src/sandbox/names.ts";

describe("the name of an attachment", () => {
  it.each([
    ["photo.jpg", "photo.jpg"],
    ["Grüße aus 東京.pdf", "Grüße aus 東京.pdf"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\x.txt", "x.txt"],
    ["/etc/shadow", "shadow"],
    [".bashrc", "bashrc"],
    ["-rf.txt", "rf.txt"],
    ["a\nb\u202egpj.exe", "a bgpj.exe"],
    ["a:b?.txt", "a_b_.txt"],
    ["name. ", "name"],
    ["CON", "file CON"],
    ["nul.txt", "file nul.txt"],
    ["．．／x.txt", "x.txt"],
    ["", "file.png"],
    ["...", "file.png"],
    ["\u0000", "file.png"],
    ["/", "file.png"],
  ])("%j is kept as %j", (given, expected) => {
    expect(attachmentName(given, "image/png")).toBe(expected);
  });

  it.each(["x".repeat(5000), "😀".repeat(300), "e\u0301".repeat(500), ".".repeat(400), "a/".repeat(400)])(
    "that is long is cut between characters and keeps its ending",
    (stem) => {
      const name = attachmentName(`${stem}z.tar.gz`, "application/gzip");
      expect(name).toMatch(/\.tar\.gz$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
      expect(name.isWellFormed()).toBe(true);
      expect(downloadNameProblem(numbered(name, 999))).toBeUndefined();
    },
  );

  it("is always one that no system misreads", () => {
    const pieces = [
      "..",
      "/",
      "\\",
      "con",
      ".",
      " ",
      "-",
      ":",
      "\u0000",
      "\u202e",
      "\ud800",
      "％",
      "․",
      "aux",
      "a",
      "．",
    ];
    for (let seed = 0; seed < 20_000; seed++) {
      const given = [1, 16, 256, 4096].map((step) => pieces[Math.floor(seed / step) % 16]).join("");
      expect([given, downloadNameProblem(attachmentName(given, "text/plain"))]).toEqual([given, undefined]);
    }
  });
});

describe("attachments of one name", () => {
  it("are numbered", async () => {
    const kept = new Map<string, Uint8Array>();
    const save = async (path: string, bytes: Uint8Array) => !kept.has(path) && Boolean(kept.set(path, bytes));
    const attachment = { name: "a.tar.gz", mimetype: "application/gzip", bytes: new Uint8Array([1]) };
    expect(await keepAttachment(attachment, save)).toBe("attachments/a.tar.gz");
    expect(await keepAttachment(attachment, save)).toBe("attachments/a (2).tar.gz");
    expect(await keepAttachment(attachment, save)).toBe("attachments/a (3).tar.gz");
  });
});
