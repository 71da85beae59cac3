import { setTimeout as sleep } from "node:timers/promises";
import { answeredNumber, messageText, startCountingModel } from "./counting-model.ts";
import type { FlakyProxyOptions } from "./flaky-proxy.ts";
import { type Fate, startFlakyProxy } from "./flaky-proxy.ts";
import { judge, owed, type Verdict } from "./matrix-answers.ts";
import { layMatrixHome } from "./matrix-home.ts";
import { startMatrixPerson } from "./matrix-person.ts";
import { type Ended, program, type Running } from "./program.ts";
import { seededRandom } from "./seeded-random.ts";
import type { SeenEvent } from "./seen-events.ts";
import { startSynapse } from "./synapse.ts";
import { temporaryHome } from "./temporary-home.ts";

export interface KillPlan {
  messages: number;
  kills: number;
  seed: number;
  /** What goes wrong between the program and the homeserver. */
  shares?: FlakyProxyOptions["shares"];
  /** What is owed after the last kill must come within this time. */
  settleMs?: number;
  onProgress?(sentence: string): void;
}

export interface KillReport extends Verdict {
  messages: number;
  kills: number;
  starts: number;
  /** How often the model was asked. */
  asked: number;
  seconds: number;
  /** What became of the requests, where a bad network was between. */
  fates?: Record<Fate, number>;
  /** What the program logged as a warning or worse, and how often. */
  complaints: Record<string, number>;
}

const longestStartMs = 300_000;
/** More than this do not wait for an answer. */
const mostWaiting = 6;

/**
 * The whole program in an encrypted room with its owner, killed with SIGKILL at random moments and started again, while
 * the owner goes on writing. Gives what all of them have seen in the end.
 */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const { messages, kills, seed, shares, settleMs = 60_000, onProgress = () => {} } = plan;
  const began = performance.now();
  await using resources = new AsyncDisposableStack();
  const synapse = await startSynapse();
  resources.defer(() => synapse.stop());
  const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
  const model = resources.use(await startCountingModel());
  const proxy = shares
    ? resources.use(await startFlakyProxy({ target: synapse.url, random: seededRandom(seed + 2), shares }))
    : undefined;
  const home = resources.use(temporaryHome());
  layMatrixHome(home, { url: proxy?.url ?? synapse.url, agent, owner, model: model.config });
  const person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
  resources.defer(() => person.stop());
  const memtrix = resources.use(program({ home: home.path }));

  const endings: Promise<Ended>[] = [];
  const start = (): Running => {
    const running = memtrix.start(["start"], { limitMs: 3_600_000 });
    endings.push(running.ended);
    return running;
  };

  let running = start();
  const isInvitation = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === owner.userId;
  const { roomId: room } = await person.waitFor(isInvitation, { limitMs: longestStartMs });
  await person.join(room);
  await person.waitForMessage(room, undefined, { limitMs: longestStartMs });

  const said: string[] = [];
  let killed = 0;
  const isSaid = (): boolean => said.length === messages;
  const newest = (): number =>
    Math.max(
      0,
      ...person
        .seen()
        .slice(-50)
        .flatMap(({ content }) => answeredNumber(String(content.body)) ?? []),
    );

  async function talk(): Promise<void> {
    const random = seededRandom(seed);
    while (!isSaid()) {
      const together = Math.min(1 + Math.floor(random() * 3), messages - said.length);
      for (let count = 0; count < together; count++) said.push(await person.send(room, messageText(said.length + 1)));
      await sleep(random() * 800);
      // No more than their share before the next kill, so that every part of the conversation has its kills.
      const share = () => (killed >= kills ? messages : (messages * (killed + 1)) / kills);
      while (said.length > newest() + mostWaiting || said.length > share()) await sleep(50);
    }
  }

  async function killAgainAndAgain(): Promise<void> {
    const random = seededRandom(seed + 1);
    for (; killed < kills; killed++) {
      if (random() < 0.5) await sleep(random() * 4_000);
      else await inTheMiddle(random);
      running.kill("SIGKILL");
      await running.ended;
      running = start();
      if (killed % 10 === 9) onProgress(`${killed + 1} kills, ${said.length} messages, ${newest()} answered`);
    }
  }

  /** Once it works again, shortly after something was said. */
  async function inTheMiddle(random: () => number): Promise<void> {
    const [asked, deadline] = [model.asked(), performance.now() + 6_000];
    while (model.asked() === asked && performance.now() < deadline) await sleep(20);
    const before = said.length;
    const pause = performance.now() + 1_000;
    while (said.length === before && performance.now() < pause) await sleep(5);
    await sleep(random() * 300);
  }

  await Promise.all([talk(), killAgainAndAgain()]);
  onProgress("All is said; waiting for the last answers");
  const settleBy = performance.now() + settleMs;
  while (owed(home.path, messages) > 0 && performance.now() < settleBy) await sleep(200);
  await sleep(1_000); // What is sent a second time, or cannot be read, must have the time to show.
  proxy?.mend();
  running.kill("SIGTERM");
  await running.ended;

  const verdict = await judge({
    ...{ home: home.path, synapse, agent, owner, room, said, seen: person.seen(), numberIn: answeredNumber },
  });
  const stderr = (await Promise.all(endings)).map((ended) => ended.stderr).join("\n");
  return {
    ...{ messages, kills: killed, starts: endings.length, asked: model.asked() },
    ...{ seconds: Math.round((performance.now() - began) / 1000), ...verdict },
    ...(proxy ? { fates: proxy.fates } : {}),
    complaints: complaintsIn(stderr),
  };
}

function complaintsIn(stderr: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of stderr.split("\n")) {
    const complaint = /^\S+ (?:warn|error) ([^{]*)/.exec(line)?.[1]?.trim();
    if (complaint) counts[complaint] = (counts[complaint] ?? 0) + 1;
  }
  return counts;
}
