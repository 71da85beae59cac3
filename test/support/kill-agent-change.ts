import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { filesWith } from "./all-bytes.ts";
import { program } from "./program.ts";
import { readStore } from "./store-seen.ts";
import { temporaryHome } from "./temporary-home.ts";

export interface KilledChange {
  /** The last write that was begun. */
  write: string;
  killed: boolean;
  faults: string[];
}

export interface KillPoint {
  moment: "before" | "after";
  /** Which write, from 1. */
  number: number;
}

const preload = join(import.meta.dirname, "kill-at-write.mjs");
/** Stands in all that is the agent's own. */
const canary = "zabaglionequx";

/**
 * Makes an agent, or removes one that has something to remember, in a program that is killed at a point; then starts the
 * program again, and says what is neither wholly there nor wholly gone.
 */
export async function killChange(
  kind: "create" | "delete",
  point?: KillPoint,
): Promise<KilledChange & { writes: string[] }> {
  using home = temporaryHome();
  home.write("data/config.json", {
    version: 1,
    "main-agent": { name: "Memtrix", model: "rehearsal" },
    timezone: "UTC",
    providers: { rehearsal: { type: "rehearsal" } },
    models: { rehearsal: { provider: "rehearsal", model: "rehearsal" } },
  });
  await using memtrix = program({ home: home.path });
  const create = ["agents", "create", "Cook", "--description", "menus", "--instructions", `Be ${canary}.`];
  if (kind === "delete") {
    await memtrix.start(create).ended;
    await memtrix.say(`Remember that ${canary} is for dinner.`, "--agent", "cook");
  } else await memtrix.say("Hello.");

  const file = join(home.path, "writes");
  const running = memtrix.start(kind === "create" ? create : ["agents", "delete", "cook", "--yes"], {
    limitMs: 30_000,
    env: {
      ...{ NODE_OPTIONS: `--import=${preload}`, WRITES_FILE: file },
      ...(point ? { KILL_AT_WRITE: `${point.moment}:${point.number}` } : {}),
    },
  });
  const { signal } = await running.ended;
  const next = await memtrix.say("Hello again.");
  const faults = next.code === 0 ? [] : [`the next start ended with ${next.code}: ${next.stderr}`];
  const left = stateOf(home.path);
  const isWhole = left.inConfig && left.inFolder && !left.isOpen;
  const isGone = !left.inConfig && !left.inFolder && !left.isOpen && left.rows === 0 && left.canaries.length === 0;
  const mayBeThere = kind === "create" || !left.isFormer;
  if (!(isGone || (isWhole && mayBeThere))) faults.push(`half there: ${JSON.stringify(left)}`);
  if (left.integrity !== "ok") faults.push(left.integrity);
  if (isWhole) {
    const said = await memtrix.say("Hello.", "--agent", "cook");
    if (said.code !== 0) faults.push(`it is there and does not answer: ${said.stderr}`);
  }
  const writes = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  return { writes, write: writes.at(-1) ?? "", killed: signal === "SIGKILL", faults };
}

function stateOf(home: string) {
  const { agents = {} } = JSON.parse(readFileSync(join(home, "data/config.json"), "utf8"));
  using database = new DatabaseSync(join(home, "data/memtrix.db"), { readOnly: true });
  const count = (sql: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.n);
  const owners = ["session", "inbox", "outbox", "room", "memory", "journal", "file_origin"];
  return {
    inConfig: "cook" in agents,
    inFolder: existsSync(join(home, "agents")) && readdirSync(join(home, "agents")).includes("cook"),
    isOpen: count("agent_change") > 0,
    isFormer: count("former_agent WHERE agent = 'cook'") > 0,
    rows: owners.reduce((sum, table) => sum + count(`${table} WHERE agent = 'cook'`), 0),
    canaries: filesWith([canary], join(home, "data"), join(home, "agents")),
    integrity: readStore(home).integrity,
  };
}
