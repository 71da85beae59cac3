import { describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import downloadFile from "../../tools/download_file.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import { playInternet } from "../support/played-internet.ts";
import { isPublic } from "../support/public-address.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryFolder } from "../support/temporary.ts";

const trials = 1_000;
const good = ["93.184.215.14", "2606:4700:4700::1111"];
const bad = [
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "::1",
  "::ffff:127.0.0.1",
  "fd00::1",
  "64:ff9b::a00:1",
  "0.0.0.0",
];

describe("a name that changes what it stands for", () => {
  it.each(["fetch_url", "download_file"])("never leads %s to a private address", { timeout: 120_000 }, async (name) => {
    const random = seededRandom(7);
    const pick = (items: string[]): string => items[Math.floor(random() * items.length)] ?? "";
    await using internet = await playInternet({
      serve(_, response) {
        if (random() < 0.3) response.writeHead(302, { location: `http://${pick(["a", "b"])}.example.com/${random()}` });
        else response.writeHead(200, { "content-type": "text/plain" });
        response.end("hello");
      },
    });
    internet.options.resolve = async () =>
      Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(random() < 0.3 ? bad : good));
    await using reader = createPageReader();
    const workspace = openWorkspace({ folder: await openFolder(temporaryFolder()), origins: new Map() });
    const egress = createEgress({ allow: [], ...internet.options });
    const context = { egress, reader, workspace, signal: new AbortController().signal, progress() {} };
    let answered = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const url = `http://a.example.com/${trial}`;
      const run = name === "fetch_url" ? fetchUrl.run({ url, offset: 0 }, context) : downloadFile.run({ url }, context);
      answered += await run.then(
        () => 1,
        () => 0,
      );
    }
    expect(answered).toBeGreaterThan(trials / 4);
    expect(answered).toBeLessThan(trials);
    const reached = internet.connections.map((one) => one.replace(/:\d+$/, ""));
    expect(reached.filter((address) => !isPublic(address))).toEqual([]);
  });
});
