import { join } from "node:path";
import { parseArgs } from "node:util";
import { answeredNumber, messageText, startCountingModel } from "../support/counting-model.ts";
import { startFlakyProxy } from "../support/flaky-proxy.ts";
import { type Held, heldBy, tellsHeap } from "../support/heap-of.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { program } from "../support/program.ts";
import { seededRandom } from "../support/seeded-random.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse } from "../support/synapse.ts";
import { temporaryHome } from "../support/temporary-home.ts";

// Run as a program: as many encrypted events as asked for, some of them answered, and what the program holds meanwhile.
// Prints a line each so many events, and everything as JSON at the end.

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000" },
    /** Ends then, however many there were. */
    minutes: { type: "string", default: "8" },
    /** One of so many is a message that is answered; the others are notices, which are read and left alone. */
    "answer-every": { type: "string", default: "5" },
    "sample-every": { type: "string", default: "1000" },
    /** One in ten requests of the program goes wrong. */
    flaky: { type: "boolean" },
  },
});
const number = (name: "events" | "answer-every" | "sample-every"): number => Number(values[name]);
const [events, answerEvery, sampleEvery] = [number("events"), number("answer-every"), number("sample-every")];
const endsAt = performance.now() + Number(values.minutes) * 60_000;

await using resources = new AsyncDisposableStack();
const synapse = await startSynapse();
resources.defer(() => synapse.stop());
const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
const model = resources.use(await startCountingModel());
const home = resources.use(temporaryHome());
const shares = { reset: 0.05, "answer-lost": 0.04, limited: 0.01 };
const proxy = values.flaky
  ? resources.use(await startFlakyProxy({ target: synapse.url, random: seededRandom(1), shares }))
  : undefined;
layMatrixHome(home, { url: proxy?.url ?? synapse.url, agent, owner, model: model.config });
const person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
resources.defer(() => person.stop());
const heapFile = join(home.path, "held.json");
const memtrix = resources.use(program({ home: home.path, env: tellsHeap(heapFile) }));
const running = memtrix.start(["start"], { limitMs: 3_600_000 });
const isInvitation = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === owner.userId;
const { roomId: room } = await person.waitFor(isInvitation, { limitMs: 120_000 });
await person.join(room);
await person.waitForMessage(room, undefined, { limitMs: 120_000 });

const samples: { sent: number; answered: number; held: Held }[] = [];
const answered = new Set<number>();
let looked = 0;
let sent = 0;
let asked = 0;

while (sent < events && performance.now() < endsAt) {
  if (sent % sampleEvery === 0) await sample();
  sent++;
  if (sent % answerEvery !== 0) {
    await person.sendEvent(room, "m.room.message", { msgtype: "m.notice", body: `Notice ${sent}` });
    continue;
  }
  await person.send(room, messageText(++asked));
  await answerTo(asked);
}
await sample();
console.log(
  JSON.stringify({ sent, answered: answered.size, samples, ...(proxy ? { fates: proxy.fates } : {}) }, null, 2),
);
running.kill("SIGTERM");
await running.ended;

async function answerTo(number: number): Promise<void> {
  const isIt = ({ content }: SeenEvent): boolean => answeredNumber(String(content.body)) === number;
  await person.waitFor(isIt, { from: looked, limitMs: 120_000 });
  looked = person.seen().length - 1;
  answered.add(number);
}

async function sample(): Promise<void> {
  const held = await heldBy(running.pid, heapFile);
  samples.push({ sent, answered: answered.size, held });
  const [heap, external, rss] = [held.heapUsed, held.external, held.rss].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  console.error(
    `${sent} events, ${answered.size} answered: heap ${heap} MiB, external ${external} MiB, resident ${rss} MiB, ${held.descriptors} descriptors`,
  );
}
