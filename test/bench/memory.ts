import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { silent } from "../../src/log.ts";
import { createEmbedder, type Embedder } from "../../src/memory/embedder.ts";
import { findModel } from "../../src/memory/embedding-models.ts";
import { readConversations } from "./conversations.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { budgets, type Measured, measureConversation, ranks, type Side } from "./memory-conversation.ts";
import { benchSpeed } from "./memory-speed.ts";
import { gainRow, mean } from "./recall.ts";
import type { Bench, Row } from "./report.ts";
import { quantiles, rounded } from "./report.ts";

const help = `What the memory finds again: recall of evidence over conversations with questions.

Usage: npm run bench -- memory --data FILE [--model DIR [--leave-one-out]] [--json]
       npm run bench -- memory --speed [--chunks N,N] [--model DIR] [--json]

  --data FILE   JSON: a list of conversations, each with
                  id, speakers,
                  sessions: [{ date, turns: [{ id, speaker, text, image? }] }]
                  questions: [{ question, category, evidence: [turn ids] }]
                (the form of LoCoMo; a date such as "1:56 pm on 8 May, 2023")
  --model DIR   a folder with an embedding model, for vectors alone and for both
  --leave-one-out
                also: the weights chosen from a small grid on all conversations but one, and measured on that one
  --speed       in place of that: how long a search takes, and indexing, in memories of 10,000 chunks (or so many as
                --chunks says) of made-up talk, the model's own time aside; and what Chroma, where it runs, and the
                bare network of --model give alone. cpuMs is the processor's time: on a busy machine it says more

The conversations are laid into the log with their dates, each speaker as the sender; the questions go through the search
that search_memory uses. A turn is found when it is among the lines that are returned. "within 1000" counts all that the
tool returns, dates, names and neighbours included, four characters to a token; "at 5" looks at the first five results.`;

export const memory: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      data: { type: "string" },
      model: { type: "string" },
      "leave-one-out": { type: "boolean" },
      speed: { type: "boolean" },
      chunks: { type: "string", default: "10000" },
      help: { type: "boolean" },
    },
  });
  if (values.speed && !values.help) return benchSpeed(values.chunks.split(",").map(Number), values.model);
  if (values.help || values.data === undefined) {
    console.log(help);
    return undefined;
  }
  const conversations = await readConversations(values.data);
  const triesWeights = values["leave-one-out"] === true && values.model !== undefined;
  const directory = await mkdtemp(join(tmpdir(), "memtrix-bench-"));
  await using embedder = values.model ? await openModel(values.model, directory) : undefined;
  try {
    const measured: Measured[] = [];
    for (const [index, conversation] of conversations.entries()) {
      console.error(`${conversation.id} (${index + 1} of ${conversations.length})`);
      measured.push(
        await measureConversation(conversation, join(directory, String(index)), { embedder, triesWeights }),
      );
    }
    return report(measured);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

async function openModel(folder: string, directory: string): Promise<Embedder> {
  const embedder = createEmbedder({ model: await findModel(resolve(folder), directory), log: silent });
  await embedder.ready();
  return embedder;
}

function report(measured: readonly Measured[]): Record<string, Row[]> {
  const answers = measured.flatMap(({ answers }) => answers);
  const sides = [...new Set(answers.map(({ side }) => side))];
  const of = (side: Side, category?: number) =>
    answers.filter((one) => one.side === side && (category === undefined || one.category === category));
  const categories = [...new Set(answers.map(({ category }) => category))].sort();
  const percent = (values: readonly number[]): number => rounded(100 * mean(values));

  return {
    recall: sides.map((by) => ({
      ...{ by, questions: of(by).length },
      ...Object.fromEntries(
        budgets.map((budget, index) => [`within ${budget}`, percent(of(by).map(({ within }) => within[index] ?? 0))]),
      ),
      ...Object.fromEntries(
        ranks.map((rank, index) => [`at ${rank}`, percent(of(by).map(({ at }) => at[index] ?? 0))]),
      ),
      charactersAt10: rounded(mean(of(by).map(({ charactersAt10 }) => charactersAt10))),
    })),
    categories: sides.flatMap((by) =>
      categories.map((category) => ({
        ...{ by, category, questions: of(by, category).length },
        ...Object.fromEntries(
          budgets.map((budget, index) => [
            `within ${budget}`,
            percent(of(by, category).map(({ within }) => within[index] ?? 0)),
          ]),
        ),
      })),
    ),
    speed: sides.map((by) => ({ by, queryMs: quantiles(of(by).map(({ ms }) => ms)) })),
    indexing: measured.map(({ id, texts, indexMs }) => ({
      ...{ id, texts, seconds: rounded(indexMs / 1_000), textsASecond: rounded((1_000 * texts) / indexMs) },
    })),
    ...(sides.includes("both")
      ? {
          "both against keyword": budgets.map((budget, index) =>
            gainRow(
              budget,
              of("both").map(({ within }) => within[index] ?? 0),
              of("keyword").map(({ within }) => within[index] ?? 0),
            ),
          ),
        }
      : {}),
    ...leftOut(measured),
  };
}

function leftOut(measured: readonly Measured[]): Record<string, Row[]> {
  const conversations = measured.flatMap(({ id, tried }) => (tried ? [{ id, tried }] : []));
  return conversations.length > 1 ? leaveOneOut(conversations, budgets) : {};
}
