import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chunkBytes } from "../../src/backup/sealed-chunks.ts";
import { ConfigError } from "../../src/errors.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { filesIn, passphrase, sealedBackup } from "./rig.ts";

const folder = temporaryFolder;

/** What reading these bytes as a backup ends with. */
async function reading(bytes: Uint8Array, secret = passphrase): Promise<unknown> {
  const path = join(folder(), "a.backup");
  writeFileSync(path, bytes);
  return filesIn(path, secret).catch((error) => error);
}

describe("the file of a backup", () => {
  it("holds what was put into it, of any size about a chunk's", async () => {
    for (const size of [0, 1, chunkBytes - 200, chunkBytes, 3 * chunkBytes + 17, 5 * 2 ** 20]) {
      const content = randomBytes(size);
      const bytes = await sealedBackup({ "workspace/a": content, "data/config.json": "{}" });
      expect(await reading(bytes)).toEqual({ "workspace/a": content.toString("latin1"), "data/config.json": "{}" });
    }
  });

  it("shows nothing of its content", async () => {
    const bytes = await sealedBackup({ "workspace/a-name": "some words of the owner" });
    expect(bytes.includes("some words")).toBe(false);
    expect(bytes.includes("a-name")).toBe(false);
  });

  it("is refused with another passphrase, in a sentence", async () => {
    const bytes = await sealedBackup({ "workspace/a": "x" });
    const refusal = await reading(bytes, "another passphrase");
    expect(refusal).toBeInstanceOf(ConfigError);
    expect(String(refusal)).toContain("The passphrase does not open this backup");
  });

  it("takes the same passphrase however its letters were typed", async () => {
    const bytes = await sealedBackup({ "workspace/a": "x" });
    const wide = [...passphrase].map((letter) => (letter === "c" ? "\uff43" : letter)).join("");
    expect(await reading(bytes, wide)).toEqual({ "workspace/a": "x" });
  });

  it("is refused cut off at any byte", { timeout: 60_000 }, async () => {
    const bytes = await sealedBackup({ "workspace/a": randomBytes(300), "workspace/b": "x" });
    const path = join(folder(), "cut.backup");
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(filesIn(path), `${length} of ${bytes.length} bytes`).rejects.toThrow(ConfigError);
    }
  });

  it("is refused cut off between two chunks", async () => {
    const whole = await sealedBackup({ "workspace/a": randomBytes(4 * chunkBytes) });
    const begin = whole.length - ((whole.length - 500) % (chunkBytes + 16));
    const found = new Set<string>();
    for (let length = begin - 40; length <= begin + 40; length++) {
      const last = await sealedEnd(whole, length);
      found.add(last);
    }
    expect([...found]).toEqual(["refused"]);
  });

  it("is refused with any one byte changed", { timeout: 60_000 }, async () => {
    const bytes = await sealedBackup({ "workspace/a": randomBytes(300), "workspace/b": "x" });
    const path = join(folder(), "flipped.backup");
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, flipped);
      await expect(filesIn(path), `byte ${at} of ${bytes.length}`).rejects.toThrow(ConfigError);
    }
  });

  it("is refused with chunks swapped, twice, left out, or of another backup", async () => {
    const whole = await sealedBackup({ "workspace/a": randomBytes(4 * chunkBytes) });
    const other = await sealedBackup({ "workspace/a": randomBytes(4 * chunkBytes) });
    const sealed = chunkBytes + 16;
    const begin = headerLength(whole);
    const chunk = (bytes: Buffer, number: number) =>
      bytes.subarray(begin + number * sealed, begin + (number + 1) * sealed);
    const made = (...chunks: Buffer[]) => Buffer.concat([whole.subarray(0, begin), ...chunks]);
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map((number) => chunk(whole, number)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    expect(await reading(made(a, b, c, d, e))).not.toBeInstanceOf(Error);
    for (const wrong of [
      made(b, a, c, d, e),
      made(a, a, b, c, d, e),
      made(a, c, d, e),
      made(a, b, c, d),
      made(a, b, c, d, e, e),
      made(a, chunk(other, 1), c, d, e),
      made(a, b, c, d, chunk(other, 4)),
    ])
      expect(await reading(wrong)).toBeInstanceOf(ConfigError);
  });

  it("of a newer program is refused before the passphrase is looked at", async () => {
    for (const version of ["0.1.1", "0.2.0", "1.0.0", "0.10.0"])
      expect(String(await reading(await sealedBackup({}, { version }), "wrong"))).toContain(
        `made by a newer Memtrix (${version}, this one is 0.1.0)`,
      );
    expect(await reading(await sealedBackup({}, { version: "0.0.9" }))).toEqual({});
    const newFormat = (await sealedBackup({})).toString("latin1").replace('"format":1', '"format":2');
    expect(String(await reading(Buffer.from(newFormat, "latin1")))).toContain("made by a newer Memtrix");
  });

  it("that asks for more work than any of ours is refused", async () => {
    const bytes = (await sealedBackup({})).toString("latin1").replace('"r":1', '"r":9');
    expect(await reading(Buffer.from(bytes, "latin1"))).toBeInstanceOf(ConfigError);
    const far = (await sealedBackup({})).toString("latin1").replace('"p":1', '"p":7');
    expect(String(await reading(Buffer.from(far, "latin1")))).toContain("no backup of Memtrix");
  });

  it("is not any other file", async () => {
    for (const bytes of [
      "",
      "PK\u0003\u0004 and so on",
      "Memtrix backup\n",
      "Memtrix backup\n\u0000\u0000\u0000\u0002{}",
    ])
      expect(String(await reading(Buffer.from(bytes)))).toContain("no backup of Memtrix");
  });

  it("whose paths lead out of the installation is refused, sealed as it may be", async () => {
    for (const path of [
      "../a",
      "/etc/passwd",
      "workspace/../../a",
      "workspace",
      "other/a",
      "data//a",
      "data/./a",
      "data/a\\b",
      "data/a\0b",
      ".env/a",
      "",
    ]) {
      const text = Buffer.from(JSON.stringify({ kind: "file", path, mode: 0o600, modifiedMs: 0 }));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      const raw = Buffer.concat([length, text, Buffer.alloc(4)]);
      expect(String(await reading(await sealedBackup({}, { raw }))), path).toContain("leads out of it");
    }
  });
});

function headerLength(bytes: Buffer): number {
  const magic = "Memtrix backup\n".length;
  return magic + 4 + bytes.readUInt32BE(magic) + 32;
}

async function sealedEnd(whole: Buffer, length: number): Promise<string> {
  if (length >= whole.length) return "refused";
  return (await reading(whole.subarray(0, length))) instanceof ConfigError ? "refused" : "taken";
}
