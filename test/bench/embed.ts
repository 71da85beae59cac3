import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { seededRandom } from "../support/seeded-random.ts";
import type { SideAnswer, SideName, SideQuestion } from "./embed-side.ts";
import { type Row, rounded } from "./report.ts";

const sideNames: readonly SideName[] = ["bare onnxruntime", "embedder"];

/** A question's length, a message's and a chunk's; English has about five tokens to four words. */
const kinds: readonly { kind: SideQuestion["kind"]; words: number; texts: number }[] = [
  { kind: "queries", words: 8, texts: 40 },
  { kind: "documents", words: 48, texts: 40 },
  { kind: "documents", words: 180, texts: 15 },
];

/**
 * What a text costs by way of the embedder, beside the same network run by bare onnxruntime with the tokens at hand, one text
 * at a time on both sides. They take turns, so that what else the machine does weighs on both.
 */
export async function benchEmbed(modelFolder: string, rounds = 9): Promise<{ embedding: Row[]; sides: Row[] }> {
  const processes = await Promise.all(sideNames.map((side) => begin(side, modelFolder)));
  try {
    const embedding: Row[] = [];
    for (const { kind, words, texts } of kinds) {
      const times = sideNames.map((): number[] => []);
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        const question = { kind, texts: textsOf(texts, words, round) };
        for (const [index, { child }] of processes.entries()) {
          const { ms } = await ask(child, question);
          if (round > 0) times[index]?.push(ms / texts);
        }
      }
      const [bare = [], ours = []] = times;
      embedding.push({
        ...{ texts: kind, words, bareMs: rounded(median(bare)), ms: rounded(median(ours)) },
        perSecond: rounded(1000 / median(ours)),
        // Of the rounds one by one: a slow moment of the machine is a slow one for both.
        overheadPercent: rounded((median(ours.map((time, round) => time / (bare[round] ?? Number.NaN))) - 1) * 100),
      });
    }
    const weighed = processes.map(async ({ side, child, loadMs }): Promise<Row> => {
      const { residentMb, peakMb } = await ask(child, { kind: "queries", texts: textsOf(1, 8, 0) });
      return { side, loadMs: Math.round(loadMs), residentMb, peakMb };
    });
    return { embedding, sides: await Promise.all(weighed) };
  } finally {
    for (const { child } of processes) child.kill();
  }
}

interface SideProcess {
  side: SideName;
  child: ChildProcess;
  loadMs: number;
}

async function begin(side: SideName, modelFolder: string): Promise<SideProcess> {
  const child = fork(join(import.meta.dirname, "embed-side.ts"), [side, modelFolder]);
  const { ms } = await answerOf(child);
  return { side, child, loadMs: ms };
}

async function ask(child: ChildProcess, question: SideQuestion): Promise<SideAnswer> {
  const answer = answerOf(child);
  child.send(question);
  return answer;
}

async function answerOf(child: ChildProcess): Promise<SideAnswer> {
  const ended = new AbortController();
  const end = () => ended.abort(new Error("One side of the measuring ended: see what it says above."));
  child.once("exit", end);
  try {
    const [answer] = await once(child, "message", { signal: ended.signal });
    return answer as SideAnswer;
  } finally {
    child.off("exit", end);
  }
}

const vocabulary =
  `the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what
  all were we when your can said there use an each which she do how their if will up other about out many then them these so
  some her would make like him into time has look two more write go see number no way could people my than first water been
  call who oil its now find long down day did get come made may part`.split(/\s+/);

/** Never the same text twice. */
function textsOf(count: number, words: number, seed: number): string[] {
  const random = seededRandom(seed * 1_000 + words);
  const word = () => vocabulary[Math.floor(random() * vocabulary.length)];
  return Array.from({ length: count }, () => Array.from({ length: words }, word).join(" "));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
