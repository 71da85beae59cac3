import { parseArgs } from "node:util";
import { wireNames } from "../support/wire-model.ts";
import { measureTurns } from "./one-turn.ts";
import { measurePrompt } from "./prompt.ts";
import type { Bench, Row } from "./report.ts";
import { measureStart } from "./start.ts";

const help = `What a run costs beside the bare model call with the same request, with a model that answers at once;
how long the program takes to start, what it holds when idle, and what its requests share.

  --runs N      measured runs of each kind (200)
  --messages N  in the log; more than one with commas between (1000,100000)
  --starts N    measured starts of each kind (10)
  --idles N     how many of those are left idle and weighed (5)
  --only PART   turns, start or prompt`;

export const turn: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      runs: { type: "string", default: "200" },
      messages: { type: "string", default: "1000,100000" },
      starts: { type: "string", default: "10" },
      idles: { type: "string", default: "5" },
      only: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const [runs, starts, idles] = [count(values.runs), count(values.starts), count(values.idles)];
  const parts: Record<string, () => Promise<Row[]>> = {
    turns: () => measureAllTurns(runs, values.messages.split(",").map(count)),
    start: () => measureStart({ starts, idles: Math.min(starts, idles), messages: 100_000 }),
    prompt: () => Promise.all(wireNames.map((wire) => measurePrompt({ wire, turns: 20 }))),
  };
  const report: Record<string, Row[]> = {};
  for (const [name, measure] of Object.entries(parts))
    if (values.only === undefined || values.only === name) report[name] = await measure();
  return report;
};

function count(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Error(`"${value}" is no number of measurements: give 1 or more.`);
  return Number(value);
}

async function measureAllTurns(runs: number, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const wire of wireNames)
    for (const messages of sizes)
      for (const sessions of ["one", "many"] as const)
        rows.push(await measureTurns({ wire, messages, sessions, runs, warmUpRuns: 40 }));
  return rows;
}
