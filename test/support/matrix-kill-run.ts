import { setTimeout as sleep } from "node:timers/promises";
import type { Fate, Shares } from "./flaky-proxy.ts";
import type { Verdict } from "./matrix-answers.ts";
import { type MatrixScene, openMatrixScene } from "./matrix-scene.ts";
import { seededRandom } from "./seeded-random.ts";

export interface KillPlan {
  messages: number;
  kills: number;
  seed: number;
  /** What goes wrong between the program and the homeserver. */
  shares?: Shares;
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

/** More than this do not wait for an answer. */
const mostWaiting = 6;

/**
 * Kills the program with SIGKILL at random moments and starts it again, while its owner goes on writing. Gives what all
 * of them have seen in the end.
 */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const { messages, kills, seed, shares, settleMs = 60_000, onProgress = () => {} } = plan;
  const began = performance.now();
  await using scene = await openMatrixScene({ shares, seed: seed + 2 });
  let running = scene.start();
  await scene.enter();
  onProgress("The room is there");
  let killed = 0;

  async function talk(): Promise<void> {
    const random = seededRandom(seed);
    // No more than their share before the next kill, so that every part of the conversation has its kills.
    const share = () => (killed >= kills ? messages : (messages * (killed + 1)) / kills);
    while (scene.said() < messages) {
      const together = Math.min(1 + Math.floor(random() * 3), messages - scene.said());
      for (let count = 0; count < together; count++) await scene.say();
      await sleep(random() * 800);
      while (scene.said() > scene.newest() + mostWaiting || scene.said() > share()) await sleep(50);
    }
  }

  async function killAgainAndAgain(): Promise<void> {
    const random = seededRandom(seed + 1);
    while (killed < kills) {
      if (random() < 0.5) await sleep(random() * 4_000);
      else await inTheMiddle(scene, random, shares ? 90_000 : 6_000);
      running.kill("SIGKILL");
      await running.ended;
      running = scene.start();
      killed++;
      if (killed % 10 === 0) onProgress(`${killed} kills, ${scene.said()} messages, ${scene.newest()} answered`);
    }
  }

  await Promise.all([talk(), killAgainAndAgain()]);
  onProgress("All is said");
  await scene.settle(settleMs);
  scene.proxy?.mend();
  running.kill("SIGTERM");
  await running.ended;
  const { faults, counts } = await scene.judge();
  return {
    ...{ messages, kills, starts: scene.starts(), asked: scene.model.asked() },
    ...{ seconds: Math.round((performance.now() - began) / 1000), faults, counts },
    ...(scene.proxy ? { fates: scene.proxy.fates } : {}),
    complaints: await scene.complaints(),
  };
}

/** Once it works again, for which `startMs` are given, and shortly after something was said. */
async function inTheMiddle({ model, said }: MatrixScene, random: () => number, startMs: number): Promise<void> {
  const [asked, deadline] = [model.asked(), performance.now() + startMs];
  while (model.asked() === asked && performance.now() < deadline) await sleep(20);
  const [before, pause] = [said(), performance.now() + 1_000];
  while (said() === before && performance.now() < pause) await sleep(5);
  await sleep(random() * 300);
}
