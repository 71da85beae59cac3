import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EmbedderState } from "../../src/memory/embedder-state.ts";
import { hashFile } from "../../src/memory/model-files.ts";
import { type ModelHub, modelHub } from "../support/model-hub.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { embedderOf, madeModel, startedThreads, stateOf } from "./embedder-rig.ts";

const network = "onnx/model_quantized.onnx";
const commit = "0123456789abcdef0123456789abcdef01234567";
const setting = `someone/small@${commit}`;
const isReady = ({ kind }: EmbedderState): boolean => kind === "ready";
/** The network, which comes last, has begun, and so many bytes have come in all. */
const hasCome =
  (bytes: number) =>
  ({ progress }: EmbedderState): boolean =>
    progress?.totalBytes !== undefined && progress.doneBytes >= bytes;
const isFailed = ({ kind }: EmbedderState): boolean => kind === "failed";

async function hubWith(folder: string): Promise<ModelHub> {
  const hub = await modelHub(folder);
  onTestFinished(() => hub[Symbol.asyncDispose]());
  return hub;
}

describe("a model that is not there yet", () => {
  it("is downloaded once, with word of how far it is, and kept", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    const directory = temporaryFolder();
    const embedder = await embedderOf(setting, { directory, hub: hub.url });
    const seen: EmbedderState[] = [];
    embedder.onState((state) => seen.push(state));
    await embedder.ready();
    expect(await embedder.embedQuery("x")).toHaveLength(32);

    const all = ["config.json", "tokenizer_config.json", "tokenizer.json", network];
    expect(hub.asked).toEqual(all);
    const bytes = all.reduce((sum, name) => sum + statSync(join(served, name)).size, 0);
    const downloading = seen.filter(({ kind }) => kind === "downloading");
    expect(downloading.at(-1)?.progress).toEqual({ doneBytes: bytes, totalBytes: bytes });
    expect(downloading.at(-1)?.text).toBe("The embedding model someone/small is being downloaded: 0.2 of 0.2 MB.");
    expect(seen.map(({ kind }) => kind).filter((kind, index, kinds) => kind !== kinds[index - 1])).toEqual([
      ...["downloading", "loading", "ready"],
    ]);

    await embedder[Symbol.asyncDispose]();
    const second = await embedderOf(setting, { directory, hub: hub.url });
    await second.ready();
    expect(hub.asked).toHaveLength(4);
    expect(second.identity).toBe(embedder.identity);
  });

  it("is fetched from where the last connection broke off; nothing is loaded of a half", async () => {
    const threads = startedThreads();
    const served = madeModel();
    const hub = await hubWith(served);
    hub.fail(network, { stallAfterBytes: 50_000 }, { stallAfterBytes: 30_000 });
    const others = ["config.json", "tokenizer_config.json", "tokenizer.json"];
    const otherBytes = others.reduce((sum, name) => sum + statSync(join(served, name)).size, 0);
    const directory = temporaryFolder();
    const first = await embedderOf(setting, { directory, hub: hub.url, retryMs: [60_000] });
    first.start();
    await stateOf(first, hasCome(otherBytes + 50_000));
    hub.cut();
    expect((await stateOf(first, isFailed)).text).toMatch(
      /could not be downloaded \(.*\); to put it there by hand, lay config\.json.*\. It is tried again in 1 min\.$/,
    );
    await expect(first.embedQuery("x")).rejects.toThrow("could not be downloaded");
    expect(threads).toEqual([]);
    expect(existsSync(join(directory, "someone--small", network))).toBe(false);
    await first[Symbol.asyncDispose]();

    const second = await embedderOf(setting, { directory, hub: hub.url, retryMs: [10] });
    second.start();
    await stateOf(second, hasCome(80_000));
    hub.cut();
    await stateOf(second, isReady);
    const asks = hub.asked.filter((name) => name.startsWith(network));
    expect(asks).toEqual([network, `${network} from 50000`, `${network} from 80000`]);
    expect(readFileSync(join(directory, "someone--small", network))).toEqual(readFileSync(join(served, network)));
    expect(readdirSync(join(directory, "someone--small/onnx"))).toEqual(["model_quantized.onnx"]);
    expect(threads).toHaveLength(1);
  });

  it("whose last byte had come when the program was killed needs only its name", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    const directory = temporaryFolder();
    const folder = join(directory, "someone--small");
    cpSync(served, folder, { recursive: true });
    cpSync(join(folder, network), join(folder, `${network}.part`));
    rmSync(join(folder, network));
    const embedder = await embedderOf(setting, { directory, hub: hub.url });
    await embedder.ready();
    expect(hub.asked).toEqual([`${network} from ${statSync(join(served, network)).size}`]);
  });

  it("is fetched anew where what is left of it cannot be of the same file", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    const directory = temporaryFolder();
    mkdirSync(join(directory, "someone--small/onnx"), { recursive: true });
    // Longer than the file; and of a branch, which may have moved.
    const part = join(directory, "someone--small", `${network}.part`);
    writeFileSync(part, Buffer.alloc(1_000_000));
    const pinned = await embedderOf(setting, { directory, hub: hub.url, retryMs: [10] });
    pinned.start();
    await stateOf(pinned, isReady);
    await pinned[Symbol.asyncDispose]();

    rmSync(join(directory, "someone--small", network));
    writeFileSync(part, "the beginning of another");
    hub.asked.length = 0;
    const branch = await embedderOf("someone/small@main", { directory, hub: hub.url });
    await branch.ready();
    expect(hub.asked).toEqual([network]);
  });

  it("that comes damaged, by the hub's own word, is not kept", async () => {
    const served = madeModel();
    const other = madeModel({ seed: 2 });
    const hub = await hubWith(other);
    hub.hashes[network] = await hashFile(join(served, network));
    const embedder = await embedderOf(setting, { hub: hub.url, retryMs: [10] });
    await expect(embedder.ready()).rejects.toThrow(`(${network} came damaged)`);
    hub.serve(served);
    await stateOf(embedder, isReady);
  });

  it.each([
    [{ status: 404 }, "answered 404"],
    [{ status: 500 }, "answered 500"],
    [{ page: "<h1>Log in to this network</h1>" }, "answered with a web page"],
    [{ stallAfterBytes: 1_000 }, "nothing came for 0.2 s"],
  ])("is asked for again when the hub fails: %j", async (fault, reason) => {
    const hub = await hubWith(madeModel());
    hub.fail(network, fault);
    const embedder = await embedderOf(setting, { hub: hub.url, retryMs: [10], stallMs: 200 });
    await expect(embedder.ready()).rejects.toThrow(reason);
    await stateOf(embedder, isReady);
  });

  it("can be put there by hand, as the state says, while it cannot be reached", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    await hub[Symbol.asyncDispose]();
    const directory = temporaryFolder();
    const embedder = await embedderOf(setting, { directory, hub: hub.url, retryMs: [20] });
    embedder.start();
    const { text } = await stateOf(embedder, isFailed);
    const folder = join(directory, "someone--small");
    expect(text).toBe(
      `The embedding model someone/small could not be downloaded (connect ECONNREFUSED ${new URL(hub.url).host}); to put it there by hand, lay config.json, tokenizer_config.json, tokenizer.json, and ${network} of it into ${folder}. It is tried again in 0 s.`,
    );
    cpSync(served, folder, { recursive: true });
    await stateOf(embedder, isReady);
  });

  it.skipIf(!canMount)("is fetched to its end once the full disk has room again", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    const folder = temporaryFolder();
    using disk = await mountSmallDisk(folder, 2_000_000);
    disk.fill(60_000);
    const directory = disk.at(folder);
    const embedder = await embedderOf(setting, { directory, hub: hub.url, retryMs: [20] });
    await expect(embedder.ready()).rejects.toThrow(
      "could not be downloaded. The disk is full: make room where Memtrix",
    );
    disk.empty();
    await stateOf(embedder, isReady);
    const laid = join(directory, "someone--small", network);
    expect(readFileSync(laid)).toEqual(readFileSync(join(served, network)));
    await embedder[Symbol.asyncDispose]();
  });

  it("with a byte flipped since is not used; deleted, it is fetched again and must be the same as before", async () => {
    const served = madeModel();
    const hub = await hubWith(served);
    const directory = temporaryFolder();
    const first = await embedderOf(setting, { directory, hub: hub.url });
    await first.ready();
    await first[Symbol.asyncDispose]();
    const file = join(directory, "someone--small", network);
    const bytes = readFileSync(file);
    bytes[70_000] = (bytes[70_000] ?? 0) ^ 1;
    writeFileSync(file, bytes);

    const second = await embedderOf(setting, { directory, hub: hub.url, retryMs: [20] });
    await expect(second.ready()).rejects.toThrow(/was damaged or replaced: delete it to have it downloaded again/);
    rmSync(file);
    await stateOf(second, isReady);
    await second[Symbol.asyncDispose]();

    hub.serve(madeModel({ seed: 2 }));
    rmSync(file);
    const third = await embedderOf(setting, { directory, hub: hub.url });
    await expect(third.ready()).rejects.toThrow(/was damaged or replaced/);
  });

  it("is let go of at once when the program ends in the middle of it", async () => {
    const hub = await hubWith(madeModel());
    hub.fail(network, { stallAfterBytes: 1_000 });
    const embedder = await embedderOf(setting, { hub: hub.url });
    const waiting = expect(embedder.ready()).rejects.toThrow("has been closed");
    await stateOf(embedder, ({ progress }) => progress?.totalBytes !== undefined);
    await embedder[Symbol.asyncDispose]();
    await waiting;
    await expect(embedder.embedQuery("x")).rejects.toThrow("has been closed");
  });
});
