import { mainAgent, openApp } from "../app.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { homePaths } from "../home.ts";
import { fileWriter } from "../log.ts";
import { describeRecollection, describeStatus, type Memory } from "../memory/memory.ts";
import { isDay } from "../time.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";
import { endSignal } from "./terminal.ts";

const help = `What your agent remembers. While Memtrix runs, write /memory to it instead.

Usage: memtrix memory search "WORDS" [--from DAY] [--to DAY] [--limit NUMBER]
       memtrix memory reindex
       memtrix memory status

  search     what was said and written about it; a DAY is YYYY-MM-DD
  reindex    makes the index anew from the log and the journals, which stay as they are
  status     how much there is, and how it is searched

  --agent ID    the memory of another agent than the main one`;

const options = {
  agent: { type: "string", default: mainAgent },
  from: { type: "string" },
  to: { type: "string" },
  limit: { type: "string", default: "10" },
  ...helpFlag,
} as const;

/** The embedding model is waited for so long, when it is on the disk already. */
const patienceMs = 20_000;

/** `memtrix memory`. */
export async function memory(argv: string[], { home }: { home: string }): Promise<number> {
  const { values, positionals } = parseFlags("memory", argv, options, { words: true });
  const [action, ...words] = positionals;
  if (values.help || !["search", "reindex", "status"].includes(action ?? "")) {
    console[values.help ? "log" : "error"](help);
    return values.help ? 0 : 2;
  }
  for (const day of [values.from, values.to])
    if (day !== undefined && !isDay(day)) throw new ConfigError(`"${day}" is no date: write it as YYYY-MM-DD.`);

  const writeLog = fileWriter(`${homePaths(home).data}/memtrix.log`);
  await using app = await openApp({ home, holder: "memtrix memory", writeLog });
  const own = app.agents.get(values.agent)?.memory;
  if (!own) throw new ConfigError(`There is no agent ${values.agent}: ${[...app.agents.keys()].join(", ")}.`);

  if (action === "reindex") return await reindex(own);
  await own.ready(AbortSignal.timeout(patienceMs));
  if (action === "status") {
    console.log(describeStatus(await own.status()));
    return 0;
  }
  const text = words.join(" ").trim() || undefined;
  const { from, to } = values;
  if (!text && !from && !to) throw new ConfigError(`What shall be searched for? memtrix memory search "the words"`);
  const hits = await own.search({ text, from, to, limit: Number(values.limit) || 10 });
  console.log(hits.length === 0 ? "Nothing found." : hits.map(describeRecollection).join("\n\n"));
  const shortcoming = own.shortcoming();
  if (shortcoming) console.error(`\n(${shortcoming}.)`);
  return 0;
}

async function reindex(own: Memory): Promise<number> {
  const ending = new AbortController();
  void endSignal().then(() => ending.abort(new ConfigError("Left off. What was indexed before goes on to be used.")));
  let drawn = 0;
  const draw = (what: string, done: number, all: number): void => {
    if (done < all && performance.now() - drawn < 100) return;
    drawn = performance.now();
    const share = all === 0 ? 1 : done / all;
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "░");
    const line = `${what.padEnd(8)} ${bar} ${done} of ${all}`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}\x1b[K${done < all ? "" : "\n"}` : `${line}\n`);
  };
  try {
    await own.reindex(({ what, done, all }) => draw(what, done, all), ending.signal);
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason;
    throw new ConfigError(`The texts are indexed, their vectors are not: ${messageOf(error)}`, { cause: error });
  }
  console.log(`Done: ${describeStatus(await own.status())}`);
  return 0;
}
