import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env, pipeline } from "@xenova/transformers";
import { describe, expect, it } from "vitest";
import { EmbedderNotReadyError } from "../../src/memory/embedder-state.ts";
import { findModel } from "../../src/memory/embedding-models.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { embedderOf, madeModel, similarity, startedThreads, stateOf } from "./embedder-rig.ts";

const words = "the cat sits on a mat kitten lies quarterly figures of bank".split(" ");

describe("an embedder", () => {
  it("gives texts that say the like vectors near each other, of unit length", async () => {
    const embedder = await embedderOf(madeModel({ words }));
    await embedder.ready();
    const [cat, bank] = await embedder.embedDocuments(["The cat lies on the mat.", "quarterly figures of a bank"]);
    const query = await embedder.embedQuery("The cat sits on a mat.");
    expect(embedder.dimension).toBe(32);
    expect(similarity(query, query)).toBeCloseTo(1, 5);
    expect(similarity(query, cat as Float32Array)).toBeGreaterThan(similarity(query, bank as Float32Array) + 0.2);
  });

  it("gives what transformers.js itself gives", async () => {
    const folder = madeModel({ words });
    const embedder = await embedderOf(folder);
    await embedder.ready();
    env.allowRemoteModels = false;
    const reference = await pipeline("feature-extraction", folder, { dtype: "q8" });
    for (const text of ["The cat sits on a mat.", "", "Zoë's 3 kittens — 日本語 👩‍👩‍👧"]) {
      const expected = await reference(text, { pooling: "mean", normalize: true });
      const [vector] = await embedder.embedDocuments([text]);
      expect(similarity(vector as Float32Array, expected.data as Float32Array), text).toBeCloseTo(1, 5);
    }
    await reference.dispose();
  });

  it("puts a text to nomic's network in nomic's manner: with a prefix, and normalised once more", async () => {
    const folder = madeModel({ words, modelType: "nomic_bert" });
    const embedder = await embedderOf(folder);
    await embedder.ready();
    const query = await embedder.embedQuery("the cat");
    const [document] = await embedder.embedDocuments(["the cat"]);
    expect(similarity(query, document as Float32Array)).toBeLessThan(0.999);

    env.allowRemoteModels = false;
    const reference = await pipeline("feature-extraction", folder, { dtype: "q8" });
    const { data } = await reference("search_query: the cat", { pooling: "mean" });
    const mean = (data as Float32Array).reduce((sum, value) => sum + value, 0) / data.length;
    const centred = (data as Float32Array).map((value) => value - mean);
    const length = Math.hypot(...centred);
    expect(similarity(query, centred) / length).toBeCloseTo(1, 4);
    await reference.dispose();
  });

  it("cuts a text to the model's window, and what ends a text stays", async () => {
    const embedder = await embedderOf(madeModel({ words, positions: 16 }));
    await embedder.ready();
    const fits = Array.from({ length: 14 }, () => "cat").join(" ");
    const [window, beyond] = await embedder.embedDocuments([fits, `${fits} bank bank bank bank`]);
    expect(similarity(window as Float32Array, beyond as Float32Array)).toBeCloseTo(1, 5);
    const [huge] = await embedder.embedDocuments(["cat ".repeat(1_000_000)]);
    expect(similarity(window as Float32Array, huge as Float32Array)).toBeCloseTo(1, 5);
  });

  it("answers a query before the documents that wait", async () => {
    const embedder = await embedderOf(madeModel());
    await embedder.ready();
    const done: string[] = [];
    const documents = Array.from({ length: 20 }, async (_, index) => {
      await embedder.embedDocuments([`document ${index}`]);
      done.push(`document ${index}`);
    });
    await embedder.embedQuery("query");
    done.push("query");
    await Promise.all(documents);
    expect(done.indexOf("query")).toBeLessThanOrEqual(1);
    expect(done).toHaveLength(21);
    expect(done.filter((name) => name !== "query")).toEqual(
      Array.from({ length: 20 }, (_, index) => `document ${index}`),
    );
  });

  it("drops what is no longer wanted", async () => {
    const embedder = await embedderOf(madeModel());
    await embedder.ready();
    const stop = new AbortController();
    const many = embedder.embedDocuments(
      Array.from({ length: 5_000 }, (_, index) => `document ${index}`),
      stop.signal,
    );
    stop.abort(new Error("enough"));
    await expect(many).rejects.toThrow("enough");
    const began = performance.now();
    await embedder.embedDocuments(["after"]);
    expect(performance.now() - began).toBeLessThan(1_000);
    await expect(embedder.embedQuery("x", AbortSignal.abort(new Error("before it began")))).rejects.toThrow(
      "before it began",
    );
  });

  it("says at once that the model is not there, rather than letting a search wait", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel());
    expect(embedder.state().kind).toBe("absent");
    expect(threads).toEqual([]);
    await expect(embedder.embedQuery("x")).rejects.toThrow(EmbedderNotReadyError);
    await embedder.ready();
    await embedder.embedQuery("x");
    expect(threads).toHaveLength(1);
  });

  it("has another identity for another model, another content, another manner", async () => {
    const directory = temporaryFolder();
    const identity = async (setting: string) => (await embedderOf(setting, { directory })).identity;
    const known = await identity("nomic-ai/nomic-embed-text-v1.5");
    expect(known).toMatch(/^nomic-embed-text-v1\.5-[0-9a-f]{12}$/);
    expect(await identity("nomic-ai/nomic-embed-text-v1.5")).toBe(known);
    const all = [known, "nomic-ai/nomic-embed-text-v1.5@main", "Xenova/all-MiniLM-L6-v2"];
    const others = await Promise.all([...all.slice(1), madeModel(), madeModel({ seed: 2 })].map(identity));
    expect(new Set([known, ...others]).size).toBe(5);
  });

  it("of a setting that names no model is refused with what to write", async () => {
    await expect(embedderOf("nomic")).rejects.toThrow('memory.model in config.json is "nomic": write a model\'s name');
    await expect(embedderOf("a/../b")).rejects.toThrow("write a model's name");
  });
});

describe("a thread that is lost", () => {
  it("is started again, and what it was working at is done again", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel({ words }));
    await embedder.ready();
    const texts = Array.from({ length: 300 }, (_, index) => `the cat sits on mat ${index}`);
    const work = embedder.embedDocuments(texts);
    await embedder.embedQuery("one is done");
    await threads[0]?.terminate();
    const vectors = await work;
    expect(threads).toHaveLength(2);
    const again = await embedder.embedDocuments(texts);
    expect(vectors.map((vector, index) => similarity(vector, again[index] as Float32Array).toFixed(4))).toEqual(
      texts.map(() => "1.0000"),
    );
  });

  it("is started again when it was lost while nobody waited", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel());
    await embedder.ready();
    await embedder.embedQuery("x");
    const again = stateOf(embedder, ({ kind }) => kind === "loading");
    await threads[0]?.terminate();
    expect((await again).text).toMatch(/is being loaded again: its thread ended/);
    await embedder.ready();
    expect(await embedder.embedQuery("x")).toHaveLength(32);
  });

  it("twice over the same text is that text's failure, and no other's", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel({ layers: 12, width: 128 }));
    await embedder.ready();
    const [deadly, harmless] = [embedder.embedDocuments(["x ".repeat(500)]), embedder.embedDocuments(["y"])];
    let kills = 1;
    embedder.onState(({ kind }) => {
      // The text has been handed to the new thread by now.
      if (kind === "ready" && kills++ < 2) void threads.at(-1)?.terminate();
    });
    void threads[0]?.terminate();
    await expect(deadly).rejects.toThrow("The embedding thread ended in the middle of its work");
    expect((await harmless)[0]).toHaveLength(128);
  });

  it("over and over, whatever it is given, is waited for like any other failure", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel(), { retryMs: [10] });
    const ends = embedder.onState(({ kind }) => {
      if (kind === "ready") void threads.at(-1)?.terminate();
    });
    embedder.start();
    const { text } = await stateOf(embedder, ({ kind }) => kind === "failed");
    expect(text).toMatch(/^The thread of the embedding model small ended by itself \(.*\)\. It is tried again in/);
    ends();
    await stateOf(embedder, ({ kind }) => kind === "ready");
  });

  it("while the program closes holds nothing up", async () => {
    const threads = startedThreads();
    const embedder = await embedderOf(madeModel({ layers: 12, width: 128 }));
    await embedder.ready();
    const work = embedder.embedDocuments(Array.from({ length: 20 }, () => "x ".repeat(500)));
    const refused = expect(work).rejects.toThrow();
    const lost = threads[0]?.terminate();
    await embedder[Symbol.asyncDispose]();
    await Promise.all([lost, refused]);
  });
});

describe("a program that embeds", () => {
  it("ends of itself when nobody waits for a text any more", () => {
    const script = join(import.meta.dirname, "../support/embed-and-leave.ts");
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, madeModel(), temporaryFolder()], {
      encoding: "utf8",
      timeout: 15_000,
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "32 numbers\n", stderr: "", status: 0 });
  });
});

describe("a model's folder", () => {
  it("that is not there, or is half laid down, is said so, and is used once it is whole", async () => {
    const whole = madeModel();
    const folder = join(temporaryFolder(), "mine");
    const embedder = await embedderOf(folder, { retryMs: [20] });
    embedder.start();
    expect((await stateOf(embedder, ({ kind }) => kind === "failed")).text).toMatch(
      /mine holds no embedding model: config\.json, .* and onnx\/model_quantized\.onnx are missing there\. It is tried again in/,
    );
    cpSync(whole, folder, { recursive: true });
    rmSync(join(folder, "tokenizer.json"));
    await stateOf(embedder, ({ text }) => text.includes("tokenizer.json is missing there"));
    cpSync(join(whole, "tokenizer.json"), join(folder, "tokenizer.json"));
    await stateOf(embedder, ({ kind }) => kind === "ready");
    expect(await embedder.embedQuery("x")).toHaveLength(32);
  });

  it("with a network that is half written is not used, nor is its hash taken for the right one", async () => {
    const whole = madeModel();
    const folder = join(temporaryFolder(), "half");
    cpSync(whole, folder, { recursive: true });
    const network = join(folder, "onnx/model_quantized.onnx");
    truncateSync(network, 60_000);
    const embedder = await embedderOf(folder, { retryMs: [20] });
    await expect(embedder.ready()).rejects.toThrow(
      /half cannot be loaded \(.*\): its files may be damaged or half written/,
    );
    cpSync(join(whole, "onnx/model_quantized.onnx"), network);
    await stateOf(embedder, ({ kind }) => kind === "ready");
  });

  it("that was changed since its first use is not used, and the state says which file", async () => {
    const folder = madeModel();
    const directory = temporaryFolder();
    const first = await embedderOf(folder, { directory });
    await first.ready();
    await first[Symbol.asyncDispose]();

    flipByte(join(folder, "onnx/model_quantized.onnx"));
    const second = await embedderOf(folder, { directory });
    expect(second.identity).toBe(first.identity);
    await expect(second.ready()).rejects.toThrow(
      /onnx\/model_quantized\.onnx in .* is not what it was when the model was first used.*put the right one back, or run scripts\/pin/,
    );
    await expect(second.embedQuery("x")).rejects.toThrow("is not what it was");
  });

  it("changed and pinned is a model of its own", async () => {
    const folder = madeModel();
    const directory = temporaryFolder();
    const first = await embedderOf(folder, { directory });
    await first.ready();
    flipByte(join(folder, "onnx/model_quantized.onnx"));
    const pin = join(import.meta.dirname, "../../scripts/pin");
    const { stdout, status } = spawnSync(process.execPath, [pin, folder, directory], { encoding: "utf8" });
    expect(stdout).toMatch(/[0-9a-f]{64} {2}onnx\/model_quantized\.onnx/);
    expect(status).toBe(0);
    const second = await embedderOf(folder, { directory });
    await second.ready();
    expect(second.identity).not.toBe(first.identity);
  });

  it("whose record cannot be read is not used as if there were none", async () => {
    const folder = madeModel();
    const directory = temporaryFolder();
    const first = await embedderOf(folder, { directory });
    await first.ready();
    const { record } = await findModel(folder, directory);
    writeFileSync(record, '{"files":');
    const second = await embedderOf(folder, { directory });
    await expect(second.ready()).rejects.toThrow(/the record of the model's files, cannot be read: run scripts\/pin/);
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const place = Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
