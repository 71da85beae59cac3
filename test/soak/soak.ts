import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { chromaCommand, startTestChroma } from "../support/chroma.ts";
import { type Held, heldBy, tellsHeap } from "../support/heap-of.ts";
import { makeModelFolder } from "../support/make-onnx.ts";
import type { Turn } from "../support/model-server.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { hasCalled, mainId, newestWords, openTroupe, type Part } from "../support/troupe.ts";
import { faults, type System } from "./faults.ts";
import { judgeSoak, type Owed } from "./verdict.ts";

// Run as a program: three agents in encrypted rooms at a real homeserver, with a real Chroma, answer their owner while
// faults befall them at random. Prints what came of it as JSON; the exit code is 1 when something was lost, doubled or
// could not be read, or what the program holds grew by more than a tenth.

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log("npm run soak -- [--minutes 60] [--seed N]");
  process.exit(0);
}
const [wholeMs, seed] = [Number(values.minutes) * 60_000, Number(values.seed)];
const random = seededRandom(seed);
/** The program is killed only in the first part of the time: after that one process is looked at. */
const killingMs = wholeMs * 0.3;
const mostGrowth = 1.1;
const mostWaiting = 12;

await using resources = new AsyncDisposableStack();
const beside = resources.use(temporaryHome()).path;
const chroma = (await chromaCommand())
  ? resources.adopt(await startTestChroma(join(beside, "chroma")), ({ stop }) => stop())
  : undefined;
const embedder = join(beside, "embedder");
makeModelFolder(embedder, { words: ["message", "answer", "bread", "verse"] });

const network: System["network"] = { fate: () => "passed" };
const model: System["model"] = { instead: () => undefined };
const ids = { main: mainId, cook: "cook", poet: "poet" };
const troupe = resources.use(
  await openTroupe({
    agents: { cook: "What is for dinner", poet: "Verses" },
    settings: { memory: { model: embedder, chroma_url: chroma?.url ?? null } },
    fateOf: () => network.fate(),
  }),
);
for (const part of Object.values(ids)) troupe.cast(part, withFaults(answering));
const heapFile = join(troupe.home.path, "held.json");
let running = troupe.start(tellsHeap(heapFile));
const rooms = new Map<string, string>();
for (const [id, part] of Object.entries(ids)) rooms.set(id, (await troupe.enter(part)).room);
const shared = await troupe.gather(Object.values(ids));
say("The rooms are there");

const began = performance.now();
const passed = (): number => performance.now() - began;
const owed: Owed[] = [];
const happened: Record<string, number> = {};
let said = 0;
let kills = 0;
let start: Held | undefined;

const system: System = {
  ...{ synapse: troupe.synapse, chroma, network, model, running: () => running },
  async restart() {
    kills++;
    running.kill("SIGKILL");
    await running.ended;
    running = troupe.start(tellsHeap(heapFile));
  },
};

await Promise.all([talk(), haveFaults(), lookAtIt()]);
network.fate = () => "passed";
model.instead = () => undefined;
say("All is said");
const deadline = performance.now() + 180_000;
while (verdict().lost.length > 0 && performance.now() < deadline) await sleep(500);
await sleep(3_000); // What comes a second time must have the time to show.
const end = await heldBy(running.pid, heapFile);
running.kill("SIGTERM");
await running.ended;

const result = verdict();
const growth = start && {
  heap: end.heapUsed / start.heapUsed,
  resident: end.rss / start.rss,
  descriptors: end.descriptors / start.descriptors,
};
console.log(
  JSON.stringify(
    { seed, minutes: values.minutes, messages: said, kills, happened, ...result, start, end, growth },
    null,
    2,
  ),
);
const grew = growth === undefined || Object.values(growth).some((ratio) => ratio > mostGrowth);
const isBad = [result.lost, result.doubled, result.undecryptable].some(({ length }) => length > 0);
process.exitCode = isBad || grew || result.unaccounted > 0 ? 1 : 0;

async function talk(): Promise<void> {
  while (passed() < wholeMs) {
    await sleep(random() * 4_000);
    if (waiting() > mostWaiting) continue;
    const number = said + 1;
    const everyone = Object.keys(ids) as (keyof typeof ids)[];
    const asked = random() < 0.25 ? everyone.filter(() => random() < 0.6) : [];
    const alone = everyone[Math.floor(random() * everyone.length)] as keyof typeof ids;
    const [room, agents, text] =
      asked.length > 0
        ? [shared, asked, `${asked.map((id) => ids[id]).join(" and ")}: this is message ${number}.`]
        : [rooms.get(alone) ?? "", [alone], `This is message ${number}.`];
    // The person's own client cannot send while the homeserver is away.
    const event = await troupe.person.send(room, text).catch(() => undefined);
    if (event === undefined) continue;
    said++;
    owed.push(...agents.map((agent) => ({ agent, event, number })));
    if (said % 50 === 0) say(`${Math.round(passed() / 1000)} s: ${said} messages, ${verdict().lost.length} wait`);
  }
}

async function haveFaults(): Promise<void> {
  while (passed() < wholeMs) {
    await sleep(random() * 12_000);
    const possible = faults.filter(({ restarts }) => !restarts || passed() < killingMs);
    const fault = possible[Math.floor(random() * possible.length)];
    if (!fault) continue;
    happened[fault.name] = (happened[fault.name] ?? 0) + 1;
    await fault.happen(system, random);
  }
}

/** What it holds when it is warm, and has not been killed for a while. */
async function lookAtIt(): Promise<void> {
  await sleep(wholeMs * 0.5);
  start = await heldBy(running.pid, heapFile);
}

function waiting(): number {
  return verdict().lost.length;
}

function verdict() {
  return judgeSoak(troupe.home.path, owed, troupe.person.seen());
}

/** Answers with the number of the message; some only after a call. */
function answering(request: Parameters<Part>[0]): string | Turn {
  const number = Number(/message (\d+)\.\s*$/.exec(newestWords(request))?.[1]);
  if (number % 3 === 0 && !hasCalled(request)) return { calls: [{ name: "get_current_time" }] };
  if (number % 5 === 0 && !hasCalled(request))
    return { calls: [{ name: "write_memory_file", input: { section: "Notes", text: `Message ${number} was said.` } }] };
  return `Answer to ${number}.`;
}

function withFaults(part: Part): Part {
  return (request) => model.instead() ?? part(request);
}

function say(sentence: string): void {
  console.error(sentence);
}
