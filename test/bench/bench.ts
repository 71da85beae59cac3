import { machine } from "./machine.ts";
import { type Bench, judged, printReport, type Row } from "./report.ts";

const benches: Record<string, { summary: string; load(): Promise<Bench> }> = {
  turn: {
    summary: "what a run costs beside the bare model call; start, memory, the prompt's stability",
    load: async () => (await import("./turn.ts")).turn,
  },
  fetch: {
    summary: "fetch_url on local pages, beside bare undici and Readability",
    load: async () => (await import("./fetch.ts")).fetchBench,
  },
  memory: {
    summary: "what the memory finds again, over conversations with questions",
    load: async () => (await import("./memory.ts")).memory,
  },
  day: {
    summary: "what a day costs in tokens: prompt, tools, recollections, what of it is cached",
    load: async () => (await import("./day.ts")).day,
  },
  matrix: {
    summary: "from a message in an encrypted room to its answer, beside the barest echo",
    load: async () => (await import("./matrix.ts")).matrix,
  },
  agents: {
    summary: "many agents in one process: memory, start and answers, beside bare clients",
    load: async () => (await import("./agents.ts")).agents,
  },
};

/** How each is run by `all`. */
const runs: [name: string, ...argv: string[]][] = [
  ["turn", "--runs", "100"],
  ["fetch"],
  ["memory", "--speed", "--chunks", "10000"],
  ["matrix"],
  ["agents"],
];

const help = `Measures. Each figure stands beside its target.

Usage: npm run bench -- NAME [OPTIONS]
       npm run bench -- all [NAME...]

${Object.entries(benches)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

  all       every one that has targets (or these), one after the other: one table of them; some 20 minutes

  --json    one JSON object in place of tables
  NAME --help tells its own options.`;

const [name = "--help", ...argv] = process.argv.slice(2);
const json = argv.includes("--json");
const rest = argv.filter((argument) => argument !== "--json");
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
const tables = name === "all" ? { targets: await allOf(rest) } : await (await bench?.load())?.(rest);
if (name !== "all" && !bench) {
  console.error(name === "--help" ? help : `There is no benchmark "${name}".\n\n${help}`);
  process.exitCode = name === "--help" ? 0 : 2;
}
if (tables) {
  const report = { bench: name, machine: await machine(), ...tables };
  if (json) console.log(JSON.stringify(report, undefined, 2));
  else printReport(report);
}
// All is ended by now; timers of the Matrix SDK would hold the process for minutes more.
process.stdout.write("", () => process.exit());

async function allOf(names: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, ...argv] of runs) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`${name} ${argv.join(" ")}`.trimEnd());
    const tables = await (await benches[name]?.load())?.(argv);
    if (tables) rows.push(...judged(name, tables));
  }
  return rows;
}
