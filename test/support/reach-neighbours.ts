import { get } from "node:http";
import { text } from "node:stream/consumers";
import { configSchema } from "../../src/config/schema.ts";
import { openGit } from "../../src/egress/clone.ts";
import { openEgress } from "../../src/open-egress.ts";
import { createPageReader } from "../../src/reader/reader.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import { createSearchEngine } from "../../src/search-engine.ts";
import downloadFile from "../../tools/download_file.ts";
import fetchUrl from "../../tools/fetch_url.ts";
import gitClone from "../../tools/git_clone.ts";
import webSearch from "../../tools/web_search.ts";

/** What the test, outside of the container, wants tried. */
export interface Reach {
  /** The same servers by every name and address: what a tool might be talked into asking. */
  addresses: string[];
  /** The neighbours by name: that they can be reached at all is tried first, and by them it is counted. */
  neighbours: string[];
  /** A server that the owner has opened, as host:port. It redirects to wherever it is told. */
  opened: string;
}

export interface Reached {
  /** Of the addresses, those that plain Node got an answer from. */
  reachable: string[];
  /** Connections that each neighbour has seen from the tools. */
  connections: Record<string, number>;
  /** What each tool made of each address, where that was no refusal by the way out. */
  notRefused: string[];
  /** What a search found. */
  search: string;
  /** What the server that the owner has opened says to fetch_url itself. */
  openedAnswer: string;
}

const { addresses, neighbours, opened } = JSON.parse(process.argv[2] ?? "") as Reach;
const config = configSchema.parse({
  version: 1,
  "main-agent": { model: "small" },
  providers: { server: { type: "ollama", base_url: "http://model:8080" } },
  models: { small: { provider: "server", model: "small" } },
  channels: {
    matrix: {
      ...{ type: "matrix", homeserver: "http://homeserver:8080", user_id: "@m:x", access_token: "x", owners: ["@a:x"] },
    },
  },
  memory: { chroma_url: "http://chroma:8000" },
  search: { searxng_url: "http://searxng:8080" },
  egress: { allow: [opened] },
});
const egress = openEgress(config, { resolve: (value) => value });
const folder = await openFolder("/tmp/workspace");
const workspace = openWorkspace({ folder, origins: new Map() });
await using reader = createPageReader();
const git = await openGit({ egress, temporary: "/tmp/clones" });
const searchEngine = createSearchEngine(config.search.searxng_url ?? undefined);
const signal = new AbortController().signal;
const context = { egress, git, reader, workspace, searchEngine, signal, progress() {} };

const reachable: string[] = [];
for (const address of addresses) if ((await plainly(address)) !== undefined) reachable.push(address);
const before = await counts();

const notRefused: string[] = [];
for (const address of addresses) {
  const secure = address.replace(/^http:/, "https:");
  const led = `http://${opened}/?to=${encodeURIComponent(address)}`;
  const tries: Record<string, () => Promise<unknown>> = {
    fetch_url: () => fetchUrl.run({ url: address, offset: 0 }, context),
    "fetch_url over TLS": () => fetchUrl.run({ url: secure, offset: 0 }, context),
    "fetch_url, led there": () => fetchUrl.run({ url: led, offset: 0 }, context),
    download_file: () => downloadFile.run({ url: address, filename: "a" }, context),
    "download_file, led there": () => downloadFile.run({ url: led, filename: "a" }, context),
    git_clone: () => gitClone.run({ url: secure, directory: "clone" }, context),
  };
  for (const [name, run] of Object.entries(tries)) {
    const outcome = await run().then(
      (result) => JSON.stringify(result),
      (error: Error) => error.message,
    );
    if (!/ is not asked|^The address is refused: |could not be resolved/.test(outcome))
      notRefused.push(`${name} ${address}: ${outcome.slice(0, 200)}`);
  }
}

const after = await counts();
const connections = Object.fromEntries(
  // The second count is a connection itself.
  neighbours.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0) - 1]),
);
const search = await webSearch.run({ query: "http://chroma:8000/", limit: 8 }, context);
const openedAnswer = await fetchUrl.run({ url: `http://${opened}/`, offset: 0 }, context);
const reached: Reached = {
  ...{ reachable, connections, notRefused },
  search: JSON.stringify(search),
  openedAnswer: JSON.stringify(openedAnswer),
};
console.log(JSON.stringify(reached));

async function counts(): Promise<Record<string, number>> {
  const entries = neighbours.map(async (name) => [name, Number(await plainly(`http://${name}:8080/connections`))]);
  return Object.fromEntries(await Promise.all(entries));
}

/** As any program would ask, without our way out. */
function plainly(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(address, { timeout: 2_000, agent: false }, (response) => resolve(text(response)));
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}
