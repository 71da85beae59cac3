import { createServer } from "node:net";
import { join } from "node:path";
import { openGit } from "../../src/egress/clone.ts";
import { createEgress } from "../../src/egress/egress.ts";
import { openFolder } from "../../src/sandbox/folder.ts";
import { openWorkspace } from "../../src/sandbox/workspace.ts";
import gitClone from "../../tools/git_clone.ts";
import { privateAnswers, publicAnswers } from "./changing-name.ts";
import { seededRandom } from "./seeded-random.ts";

/**
 * Clones again and again, in a network of its own where every address of the answers is this machine, and says which of
 * them were connected to: `node clone-while-rebinding.ts TRIALS FOLDER`.
 */
const [trials, folder = ""] = process.argv.slice(2);
const random = seededRandom(7);
const pick = (items: readonly string[]): string => items[Math.floor(random() * items.length)] ?? "";
const reached: Record<string, number> = {};
const server = createServer((socket) => {
  const address = socket.localAddress?.replace(/^::ffff:(?=[\d.]+$)/, "") ?? "";
  reached[address] = (reached[address] ?? 0) + 1;
  socket.on("error", () => {}).destroy();
});
await new Promise<void>((resolve) => server.listen(443, "::", resolve));

let lookUps = 0;
let lookedUp = 0;
/** Public when it is checked, private for whoever asks once more; now and then both at once. */
async function resolve(): Promise<string[]> {
  lookUps += 1;
  lookedUp += 1;
  if (lookedUp > 1) return [pick(privateAnswers)];
  return random() < 0.2 ? [pick(publicAnswers), pick(privateAnswers)] : [pick(publicAnswers)];
}

const git = await openGit({
  egress: createEgress({ allow: [], resolve, ownAddresses: () => [] }),
  temporary: join(folder, "fetched"),
});
const workspace = openWorkspace({ folder: await openFolder(folder), origins: new Map() });
const refusals: Record<string, number> = {};
for (let trial = 0; trial < Number(trials); trial += 1) {
  lookedUp = 0;
  const url = `https://a.example.com/${trial}`;
  const context = { git, workspace, signal: AbortSignal.timeout(20_000) };
  const failure = await gitClone.run({ url }, context).then(
    () => "none",
    (error: Error) => (error.message.startsWith("fatal:") ? "git" : "refused"),
  );
  refusals[failure] = (refusals[failure] ?? 0) + 1;
}
server.close();
console.log(JSON.stringify({ reached, lookUps, refusals }));
