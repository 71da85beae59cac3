import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { silent } from "../../src/log.ts";
import { openVectorIndexes, type VectorIndexesOptions } from "../../src/memory/open-vector-indexes.ts";
import type { VectorIndexes } from "../../src/memory/vector-index.ts";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { vectorSource } from "../support/vectors.ts";

const command = await chromaCommand();

async function opened(options: Omit<VectorIndexesOptions, "log">): Promise<VectorIndexes> {
  const indexes = await openVectorIndexes({ ...options, log: silent });
  onTestFinished(() => indexes[Symbol.asyncDispose]());
  return indexes;
}

const failing = (lastWords: string) => ({
  program: process.execPath,
  arguments: ["--eval", `console.error(${JSON.stringify(lastWords)}); process.exit(1)`],
});

it.skipIf(!command)("Chroma runs as a child where it can, and ends with us", { timeout: 60_000 }, async () => {
  const directory = temporaryFolder();
  const indexes = await opened({ directory, command: command as never });
  expect(indexes.state()).toEqual({
    ...{ kind: "chroma", away: false, text: "Vectors are kept in Chroma in the folder data/chroma." },
  });
  const index = await indexes.open("test", 8);
  await index.upsert(vectorSource(8, 1).items(3));
  await indexes[Symbol.asyncDispose]();
  const again = await opened({ directory, command: command as never });
  expect(await (await again.open("test", 8)).count()).toBe(3);
});

it.skipIf(!command)("a Chroma that the owner names is used in its place", { timeout: 60_000 }, async () => {
  const directory = temporaryFolder();
  const server = await startTestChroma(join(directory, "elsewhere"));
  onTestFinished(() => server.stop());
  const indexes = await opened({ directory, chroma: { url: server.url, installation: "one" } });
  expect(indexes.state().text).toBe(`Vectors are kept in Chroma at ${new URL(server.url).host}.`);
  expect(await indexes.names()).toEqual([]);
});

it.skipIf(!command)(
  "installations that share a Chroma have nothing to do with each other",
  { timeout: 60_000 },
  async () => {
    const server = await startTestChroma(join(temporaryFolder(), "elsewhere"));
    onTestFinished(() => server.stop());
    const [one, other] = await Promise.all(
      ["one", "other"].map((installation) =>
        opened({ directory: temporaryFolder(), chroma: { url: server.url, installation } }),
      ),
    );
    await (await one?.open("main-4-x", 8))?.upsert(vectorSource(8, 1).items(3));
    expect(await other?.names()).toEqual([]);
    expect(await (await other?.open("main-4-x", 8))?.count()).toBe(0);
    await other?.drop("main-4-x");
    expect(await one?.names()).toEqual(["main-4-x"]);
  },
);

it.each([
  [
    "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by chromadb-js-bindings.linux-x64-gnu.node)",
    "its server needs a newer system library, glibc 2.39 (Debian 13 and Ubuntu 24.04 have it)",
  ],
  ["Cannot find module 'chromadb-js-bindings-linux-x64-gnu'", "its server is not made for this machine"],
  ["thread 'main' panicked", "its server ended at once (thread 'main' panicked)"],
])("where Chroma does not run, search is exact and says why: %s", async (lastWords, why) => {
  const indexes = await opened({ directory: temporaryFolder(), command: failing(lastWords) });
  expect(indexes.state()).toEqual({
    ...{ kind: "exact", away: false },
    text: `Vectors are kept in SQLite and searched exactly: Chroma does not run on this machine, ${why}.`,
  });
  const index = await indexes.open("test", 8);
  await index.upsert(vectorSource(8, 1).items(3));
  expect(await index.count()).toBe(3);
});

it("whichever of them the npm package's own server makes it on this machine, vectors are kept and found", async () => {
  const indexes = await opened({ directory: temporaryFolder() });
  const index = await indexes.open("test", 8);
  const items = vectorSource(8, 1).items(3);
  await index.upsert(items);
  expect((await index.query(items[1]?.vector as Float32Array, 1))[0]?.id).toBe("item-1");
});
