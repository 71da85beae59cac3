import { describe, expect, it } from "vitest";
import { createPageReader } from "../../src/reader/reader.ts";
import { packedPdf, simplePdf } from "../support/simple-pdf.ts";

const address = "https://example.com/";
const signal = new AbortController().signal;
/** Longer than what is read at once. */
const long = (word: string) => `<p>${word}</p>${"<!-- -->".repeat(3_000)}`;
/** Each of these looks through all of the others. */
const slow = `${"<div>a".repeat(90)}${"<div>x</div>".repeat(60_000)}`;

describe("the reader of pages", () => {
  it("reads one page after the other, and lets everything else go on meanwhile", async () => {
    await using reader = createPageReader();
    let beats = 0;
    const timer = setInterval(() => {
      beats += 1;
    }, 5);
    const pages = await Promise.all(["one", "two", "three"].map((word) => reader.read(long(word), address, signal)));
    clearInterval(timer);
    expect(pages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(beats).toBeGreaterThan(0);
  });

  it("reads a short page at once", async () => {
    await using reader = createPageReader({ patienceMs: 0 });
    await expect(reader.read("<p>short</p>", address, signal)).resolves.toMatchObject({ text: "short" });
    await expect(reader.read("<p>short</p>", address, AbortSignal.abort("stop"))).rejects.toBe("stop");
  });

  it("gives up a page that takes too long, and reads the next", async () => {
    await using reader = createPageReader({ patienceMs: 1_500 });
    await expect(reader.read(slow, address, signal)).rejects.toThrow(
      "This page could not be made readable within 1.5 s.",
    );
    const patient = createPageReader();
    await expect(patient.read(long("next"), address, signal)).resolves.toMatchObject({ text: "next" });
    await patient[Symbol.asyncDispose]();
  });

  it("gives up a page that takes too much memory, and reads the next", async () => {
    await using reader = createPageReader({ heapMebibytes: 24 });
    const large = "<p>a<b>b</b></p>".repeat(250_000);
    await expect(reader.read(large, address, signal)).rejects.toThrow(/needs too much memory/);
    await expect(reader.read(long("next"), address, signal)).resolves.toMatchObject({ text: "next" });
  });

  it("stops at once when it is no longer wanted", async () => {
    await using reader = createPageReader();
    const stop = new AbortController();
    const reading = reader.read(slow, address, stop.signal);
    setTimeout(() => stop.abort("stop"), 50);
    await expect(reading).rejects.toBe("stop");
    await expect(reader.read(long("next"), address, signal)).resolves.toMatchObject({ text: "next" });
  });

  it("rests after a while, and begins again", async () => {
    await using reader = createPageReader({ idleMs: 10 });
    await reader.read(long("one"), address, signal);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await expect(reader.read(long("two"), address, signal)).resolves.toMatchObject({ text: "two" });
  });
});

describe("the reader of PDFs", () => {
  it("gives their text by page, and keeps the file as it was for whoever handed it over", async () => {
    await using reader = createPageReader();
    const file = simplePdf(["one", "two"]);
    const asItWas = Buffer.from(file);
    expect(await reader.readPdf(file, signal)).toBe("[Page 1 of 2]\none\n\n[Page 2 of 2]\ntwo\n");
    expect(file.equals(asItWas)).toBe(true);
  });

  it("says of one that cannot be read what is wrong, and reads the next", async () => {
    await using reader = createPageReader();
    await expect(reader.readPdf(Buffer.from("%PDF-1.7 and nothing else"), signal)).rejects.toThrow(
      /^This PDF is damaged\.$/,
    );
    await expect(reader.readPdf(simplePdf(["next"]), signal)).resolves.toContain("next");
  });

  it("gives up one that takes too long, and lets everything else go on meanwhile", async () => {
    await using reader = createPageReader({ patienceMs: 2_000 });
    let longestGapMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longestGapMs = Math.max(longestGapMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const endless = packedPdf("BT /F1 12 Tf 72 720 Td (word) Tj ET\n".repeat(1_000_000));
    await expect(reader.readPdf(endless, signal)).rejects.toThrow("This PDF could not be made readable within 2 s.");
    clearInterval(timer);
    expect(longestGapMs).toBeLessThan(1_000);
    await expect(reader.readPdf(simplePdf(["next"]), signal)).resolves.toContain("next");
  });

  it("gives up one that unpacks to more than the machine has, which the limits of a thread do not see", async () => {
    await using reader = createPageReader({ buffersMebibytes: 64 });
    const bomb = packedPdf(Buffer.alloc(150_000_000, " "));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(reader.readPdf(bomb, signal)).rejects.toThrow(
      "This PDF could not be made readable: it needs too much memory.",
    );
    await expect(reader.readPdf(simplePdf(["next"]), signal)).resolves.toContain("next");
  });

  it("stops at once when it is no longer wanted", async () => {
    await using reader = createPageReader();
    await expect(reader.readPdf(simplePdf(["one"]), AbortSignal.abort("stop"))).rejects.toBe("stop");
  });
});
