import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGit } from "../../src/egress/clone.ts";
import { createEgress } from "../../src/egress/egress.ts";
import { EgressError } from "../../src/egress/egress-error.ts";
import { makeRepository } from "../support/git-repository.ts";
import { type GitServer, gitHost, startGitServer } from "../support/git-server.ts";
import { sharedFile, tableRows } from "../support/shared.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("the address of a repository", () => {
  let resources: AsyncDisposableStack;
  let served: string;
  let server: GitServer;
  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    served = resources.adopt(mkdtempSync(join(tmpdir(), "memtrix-test-")), (path) => rmSync(path, { recursive: true }));
    server = resources.use(await startGitServer(served));
  });
  afterAll(() => resources.disposeAsync());

  const asked: string[] = [];
  async function gitThat() {
    const { port, certificates } = server;
    const resolve = async (host: string) => {
      asked.push(host);
      return ["127.0.0.1"];
    };
    const egress = createEgress({ allow: [`${gitHost}:${port}`], resolve });
    return openGit({ egress, certificates, temporary: join(served, "fetched") });
  }

  it("leads to it where the rules allow it", async () => {
    makeRepository(served, "ruled.git", [{ path: "a", content: "b" }]);
    const git = await gitThat();
    await using repository = await git.clone(`https://${gitHost}:${server.port}/ruled.git`, AbortSignal.timeout(9_000));
    expect(repository.files.map(({ path }) => path)).toEqual(["a"]);
    makeRepository(served, "without-suffix", [{ path: "b", content: "c" }]);
    await using other = await git.clone(`https://${gitHost}:${server.port}/without-suffix`, AbortSignal.timeout(9_000));
    expect(other.files.map(({ path }) => path)).toEqual(["b"]);
  });

  it("is refused over http, although pages are not", async () => {
    const git = await gitThat();
    await expect(git.clone(`http://${gitHost}:${server.port}/a`, AbortSignal.timeout(9_000))).rejects.toThrow(
      "repositories come over https only",
    );
  });

  const cases = sharedFile("cases/path-cases.tsv");
  const rows = cases ? tableRows(readFileSync(cases, "utf8")).filter(({ op }) => op === "git_url") : [];
  it.skipIf(!cases).each(rows.filter(({ verdict }) => verdict === "deny"))("$input is refused: $why", async (row) => {
    const git = await gitThat();
    asked.length = 0;
    const address = (row.input ?? "").replaceAll("\\n", "\n");
    await expect(git.clone(address, AbortSignal.timeout(9_000))).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  async function refusal(address: string): Promise<unknown> {
    const lookUps: string[] = [];
    const resolve = async (host: string) => {
      lookUps.push(host);
      return ["93.184.215.14"];
    };
    const git = await openGit({
      egress: createEgress({ allow: [], resolve }),
      temporary: join(temporaryFolder(), "x"),
    });
    const error = await git.clone(address, AbortSignal.timeout(5_000)).catch((failure: unknown) => failure);
    expect(lookUps).toEqual([]);
    expect(error).toBeInstanceOf(EgressError);
    return (error as Error).message;
  }

  it.each([
    ["https://127.0.0.1/x", /^The address is refused: .+\.$/],
    ["https://git.example/x", /^The address is refused: .+\.$/],
    ["http://git.example.com/x", /^http:\/\/git\.example\.com is not asked: repositories come over https only\.$/],
    ["https://git.example.com/%0d%0aHost:%20evil", /is not asked: the address hides a new line\.$/],
    ["https://git.example.com/%1Fx", /is not asked: the address hides a new line\.$/],
    ["https://git.example.com/%7fx", /is not asked: the address hides a new line\.$/],
  ])("%s is refused without a look-up", async (address, sentence) => {
    expect(await refusal(address)).toMatch(sentence);
  });

  it("may have any other encoded letter in it", async () => {
    const asked: string[] = [];
    const resolve = async (host: string): Promise<string[]> => {
      asked.push(host);
      throw new Error("no such name");
    };
    const git = await openGit({
      egress: createEgress({ allow: [], resolve }),
      temporary: join(temporaryFolder(), "x"),
    });
    for (const path of ["%20%41", "%2a", "%c3%a4"])
      await git.clone(`https://git.example.com/${path}`, AbortSignal.timeout(5_000)).catch(() => {});
    expect(asked).toHaveLength(3);
  });
});
