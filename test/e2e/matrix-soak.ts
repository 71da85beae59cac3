import { join } from "node:path";
import { parseArgs } from "node:util";
import { answeredNumber } from "../support/counting-model.ts";
import { type Held, heldBy, tellsHeap } from "../support/heap-of.ts";
import { openMatrixScene } from "../support/matrix-scene.ts";
import type { SeenEvent } from "../support/seen-events.ts";

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

const shares = values.flaky ? { reset: 0.05, "answer-lost": 0.04, limited: 0.01 } : undefined;
await using scene = await openMatrixScene({ shares });
const heapFile = join(scene.home, "held.json");
const running = scene.start(tellsHeap(heapFile));
const room = await scene.enter();

const samples: { sent: number; answered: number; held: Held }[] = [];
let looked = 0;
let answered = 0;
let sent = 0;

while (sent < events && performance.now() < endsAt) {
  if (sent % sampleEvery === 0) await sample();
  sent++;
  if (sent % answerEvery !== 0) {
    await scene.person.sendEvent(room, "m.room.message", { msgtype: "m.notice", body: `Notice ${sent}` });
    continue;
  }
  await answerTo(await scene.say());
}
await sample();
await scene.settle(60_000);
running.kill("SIGTERM");
await running.ended;
const { faults } = await scene.judge();
console.log(JSON.stringify({ sent, answered, faults, samples, fates: scene.proxy?.fates }, null, 2));
process.exitCode = faults.length > 0 ? 1 : 0;

async function answerTo(number: number): Promise<void> {
  const isIt = ({ content }: SeenEvent): boolean => answeredNumber(String(content.body)) === number;
  await scene.person.waitFor(isIt, { from: looked, limitMs: 120_000 });
  looked = scene.person.seen().length - 1;
  answered++;
}

async function sample(): Promise<void> {
  const held = await heldBy(running.pid, heapFile);
  samples.push({ sent, answered, held });
  const [heap, external, rss] = [held.heapUsed, held.external, held.rss].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  console.error(
    `${sent} events, ${answered} answered: heap ${heap} MiB, external ${external} MiB, resident ${rss} MiB, ${held.descriptors} descriptors`,
  );
}
