import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createEgress } from "../../src/egress/egress.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import downloadFile from "../../tools/download_file.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import { privateAnswers, publicAnswers } from "../support/changing-name.ts";
import { playInternet } from "../support/played-internet.ts";
import { isPublic } from "../support/public-address.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryFolder } from "../support/temporary.ts";

const trials = 1_000;
/** Each is a git of its own: all thousand take minutes. */
const clones = Number(process.env.MEMTRIX_TEST_CLONES ?? 100);
const newNetwork = ["-rmn"];
/** True where this system lets us have a network of our own. */
const canHaveNetwork = spawnSync("unshare", [...newNetwork, "ip", "link", "set", "lo", "up"]).status === 0;
describe("a name that changes what it stands for", () => {
  it.each(["fetch_url", "download_file"])("never leads %s to a private address", { timeout: 120_000 }, async (name) => {
    const random = seededRandom(7);
    const pick = (items: readonly string[]): string => items[Math.floor(random() * items.length)] ?? "";
    await using internet = await playInternet({
      serve(_, response) {
        if (random() < 0.3) response.writeHead(302, { location: `http://${pick(["a", "b"])}.example.com/${random()}` });
        else response.writeHead(200, { "content-type": "text/plain" });
        response.end("hello");
      },
    });
    internet.options.resolve = async () =>
      Array.from({ length: 1 + Math.floor(random() * 2) }, () => pick(random() < 0.3 ? privateAnswers : publicAnswers));
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

  // The name is private for whoever looks it up with the system, and all of these addresses are this machine.
  it.skipIf(!canHaveNetwork)("never leads git to a private address", { timeout: 300_000 }, () => {
    const folder = temporaryFolder();
    const hosts = join(folder, "hosts");
    writeFileSync(hosts, "127.0.0.1 a.example.com\n::1 a.example.com\n");
    const own = [...publicAnswers, ...privateAnswers].filter((one) => !["127.0.0.1", "::1", "0.0.0.0"].includes(one));
    const lines = [
      "ip link set lo up",
      ...own.filter((one) => !one.startsWith("::ffff:")).map((one) => `ip addr add ${one} dev lo`),
      `mount --bind ${hosts} /etc/hosts`,
      `exec ${process.execPath} test/support/clone-while-rebinding.ts ${clones} ${folder}`,
    ];
    const told = JSON.parse(
      execFileSync("unshare", [...newNetwork, "sh", "-ec", lines.join("\n")], { encoding: "utf8" }),
    );
    expect(Object.keys(told.reached).filter((address) => !isPublic(address))).toEqual([]);
    expect(told.lookUps).toBe(clones);
    // Of five names four are public when they are checked, and those are asked.
    expect(told.refusals.git).toBeGreaterThan(clones / 2);
    expect(told.refusals.refused).toBeGreaterThan(clones / 10);
    expect(told.refusals.none).toBeUndefined();
    for (const address of publicAnswers) expect(told.reached[address]).toBeGreaterThan(clones / 10);
  });
});
