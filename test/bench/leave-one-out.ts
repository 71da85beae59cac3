import type { Gathered } from "../../src/memory/gather.ts";
import type { LineWeights } from "../../src/memory/line-scores.ts";
import { passagesOf } from "../../src/memory/passages.ts";
import { type Favoured, type RankWeights, rank, rankWeights, scoresOf } from "../../src/memory/rank.ts";
import { gainRow, mean, shareOf } from "./recall.ts";
import { type Row, rounded } from "./report.ts";

/** One question with all that its order is made from. */
export interface Asked {
  evidence: readonly number[];
  gathered: Record<Way, Gathered>;
  favoured: Favoured;
}

/** For each way and each choice of weights: what was found of each question, in the order of the budgets. */
export type Tried = Record<Way, number[][][]>;

const ways = ["keyword", "both"] as const;
type Way = (typeof ways)[number];

const words: readonly LineWeights[] = [
  rankWeights.words,
  { ...rankWeights.words, before: [0.5, 0.25], after: [0.3, 0.15] },
];

/** Few, and far from each other: a fine grid would fit the noise. */
const grid: readonly RankWeights[] = words.flatMap((words) =>
  [0.03, 0.05, 0.08].flatMap((nearness) =>
    [0, 0.02, 0.1].flatMap((recency) =>
      [0, 0.2].map((named) => ({
        ...{ ...rankWeights, words, recency, named },
        ...{ chunkNearness: nearness, lineNearness: nearness },
      })),
    ),
  ),
);

/** Without a model nothing is near: there one choice of it stands for all. */
function gridOf(way: Way): readonly RankWeights[] {
  return way === "both" ? grid : grid.filter(({ lineNearness }) => lineNearness === rankWeights.lineNearness);
}

/** Orders what was gathered for each question by every choice of weights. */
export function tryWeights(asked: readonly Asked[], budgets: readonly number[], timezone: string): Tried {
  const found = (way: Way): number[][][] => {
    const ofWords = new Map(words.map((one) => [one, asked.map(({ gathered }) => scoresOf(gathered[way], one))]));
    return gridOf(way).map((weights) =>
      asked.map(({ gathered, favoured, evidence }, index) => {
        const scores = ofWords.get(weights.words)?.[index] ?? new Map();
        const lines = rank(gathered[way], scores, favoured, weights);
        return budgets.map((tokens) => shareOf(evidence, passagesOf(lines, { limit: 1_000, tokens }, timezone)));
      }),
    );
  };
  return { keyword: found("keyword"), both: found("both") };
}

/** For each conversation the weights that are best on all others, and what they find in it. */
export function leaveOneOut(
  conversations: readonly { id: string; tried: Tried }[],
  budgets: readonly number[],
): Record<string, Row[]> {
  const folds = conversations.map(({ id, tried }, left) => ({
    id,
    chosen: Object.fromEntries(
      ways.map((way) => {
        const others = conversations.filter((_, index) => index !== left);
        const worth = gridOf(way).map((_, choice) =>
          mean(others.flatMap(({ tried }) => tried[way][choice]?.flat() ?? [])),
        );
        const best = worth.indexOf(Math.max(...worth));
        return [way, { weights: gridOf(way)[best] as RankWeights, found: tried[way][best] ?? [] }];
      }),
    ) as Record<Way, { weights: RankWeights; found: number[][] }>,
  }));
  const foundBy = (way: Way): number[][] => folds.flatMap(({ chosen }) => chosen[way].found);

  return {
    "weights, one conversation left out": folds.flatMap(({ id, chosen }) =>
      ways.map((way) => ({ "left out": id, by: way, ...described(chosen[way].weights) })),
    ),
    "recall, one conversation left out": ways.map((way) => ({
      by: way,
      ...Object.fromEntries(
        budgets.map((budget, index) => [
          `within ${budget}`,
          rounded(100 * mean(foundBy(way).map((within) => within[index] ?? 0))),
        ]),
      ),
    })),
    "both against keyword, one conversation left out": budgets.map((budget, index) =>
      gainRow(
        budget,
        foundBy("both").map((within) => within[index] ?? 0),
        foundBy("keyword").map((within) => within[index] ?? 0),
      ),
    ),
  };
}

function described({ words, lineNearness, recency, named }: RankWeights): Row {
  return { "before it": words.before.join(" "), nearness: lineNearness, recency, named };
}
