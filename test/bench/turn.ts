import { parseArgs } from "node:util";
import { wireNames } from "../support/wire-model.ts";
import { measureTurns } from "./one-turn.ts";
import type { Bench, Row } from "./report.ts";

const help = `What a run costs beside the bare model call.

  --runs N      how many of each kind (200)`;

export const turn: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: { runs: { type: "string", default: "200" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const runs = Number(values.runs);
  const turns: Row[] = [];
  for (const wire of wireNames)
    for (const messages of [1_000, 100_000])
      for (const sessions of ["one", "many"] as const)
        turns.push(await measureTurns({ wire, messages, sessions, runs, warmUpRuns: Math.min(30, runs) }));
  return { turns };
};
