import type { Embedder } from "../../src/memory/embedder.ts";
import type { Store } from "../../src/store/store.ts";
import { seededRandom } from "../support/seeded-random.ts";

/** Words as people use them: a few all the time, most hardly ever. The same at every run. */
const common =
  `the and to of a i in it you is that my we was for on with at this have but be not are so they me do what if about or
  just like from had there one all your he she her his when out up go get can will would really some time day now how
  good know think been who more our then them did has their him were make see come back want than other only into well
  new still over after too work home went need down people very why way`.split(/\s+/);
const syllables =
  "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu zan ber chi dro fle gra hol ist ker lam".split(" ");

export interface Talk {
  /** Between 5 and 45 words. */
  message(): string;
  /** What asks for one that was said before. */
  question(): string;
}

export function createTalk(seed: number): Talk {
  const random = seededRandom(seed);
  const syllable = (): string => syllables[Math.floor(random() * syllables.length)] ?? "";
  const rare = Array.from({ length: 20_000 }, () => `${syllable()}${syllable()}${syllable()}`);
  // Nearly half of all words are common ones; the others become rarer by their rank.
  const word = (): string => {
    const words = random() < 0.45 ? common : rare;
    return words[Math.floor((words.length + 1) ** random()) - 1] ?? "";
  };
  const kept: string[][] = [];
  let said = 0;
  return {
    message() {
      const words = Array.from({ length: 5 + Math.floor(40 * random() ** 2) }, word);
      if (said++ % 50 === 0) kept.push(words);
      return words.join(" ");
    },
    question() {
      const telling = (kept[Math.floor(random() * kept.length)] ?? []).filter((word) => !common.includes(word));
      return `What did I say about the ${telling.slice(0, 3 + Math.floor(random() * 4)).join(" ")}?`;
    },
  };
}

const minuteMs = 60_000;
const messagesOfASession = 400;
const messagesOfATransaction = 5_000;

/** Lays so many messages into the log, a minute each, with a night after every fortieth. */
export function layTalkInLog(store: Store, agent: string, talk: Talk, messages: number): void {
  let at = Date.parse("2020-01-01T08:00:00Z");
  let session = 0;
  for (let done = 0; done < messages; ) {
    store.transaction(() => {
      for (let index = 0; index < messagesOfATransaction && done < messages; index++, done++) {
        if (done % messagesOfASession === 0) session = store.sessions.begin(agent, `made-up-${done}`).id;
        at += done % 40 === 39 ? 600 * minuteMs : minuteMs;
        const [sender, role, origin] =
          done % 2 === 0 ? (["owner", "user", "owner"] as const) : (["Memtrix", "assistant", "agent"] as const);
        store.log.append([{ session, run: done >> 1, at: new Date(at), role, sender, origin, text: talk.message() }]);
      }
    });
  }
}

const dimension = 768;

/** Not a network, and done at once: texts with the same words are near each other, which is all that is needed to measure the rest. */
export const wordEmbedder: Embedder = {
  identity: "words",
  dimension,
  start() {},
  async ready() {},
  embedQuery: async (text) => vectorOf(text),
  embedDocuments: async (texts) => texts.map(vectorOf),
  state: () => ({ kind: "ready", text: "" }),
  onState: () => () => {},
  async [Symbol.asyncDispose]() {},
};

const directions = new Map<string, Float32Array>();

function directionOf(word: string): Float32Array {
  const known = directions.get(word);
  if (known) return known;
  let seed = 0;
  for (let index = 0; index < word.length; index++) seed = (seed * 31 + word.charCodeAt(index)) >>> 0;
  const random = seededRandom(seed);
  const direction = Float32Array.from({ length: dimension }, () => random() - 0.5);
  directions.set(word, direction);
  return direction;
}

function vectorOf(text: string): Float32Array {
  const sum = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (common.includes(word)) continue;
    const direction = directionOf(word);
    for (let index = 0; index < dimension; index++) (sum[index] as number) += direction[index] as number;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}
