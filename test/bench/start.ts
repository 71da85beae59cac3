import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mainAgent } from "../../src/app.ts";
import { checkout, homePaths } from "../../src/home.ts";
import { openStore } from "../../src/store/store.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { fillLog } from "./fill-log.ts";
import { startInstantModel } from "./instant-model.ts";
import { quantiles, type Row } from "./report.ts";

const launcher = join(checkout, "src/launch.js");
const readyTargetMs = 1_000;
const idleTargetMb = 150;
const idleMs = 10_000;

/** How the chat is started, and how one sees from outside that it takes a message. */
interface Kind {
  screen: "plain" | "Ink";
  command: readonly string[];
  /** Lies in its input from the beginning. */
  input: string;
  isReady: string;
}

const kinds: readonly Kind[] = [
  {
    screen: "plain",
    command: [process.execPath, launcher, "chat", "--json"],
    input: "Good morning\n",
    isReady: '"run-start"',
  },
  {
    screen: "Ink",
    // A terminal of its own, by util-linux.
    command: ["script", "--quiet", "--flush", "--command", `"${process.execPath}" "${launcher}" chat`, "/dev/null"],
    input: "",
    isReady: "Write a message",
  },
];

export interface StartOptions {
  starts: number;
  /** How many of them are left idle after one answer, and then weighed. */
  idles: number;
  /** In the log. */
  messages: number;
}

/** From the command to where a message is taken, and what the process holds when nothing happens. */
export async function measureStart({ starts, idles, messages }: StartOptions): Promise<Row[]> {
  await using model = await startInstantModel("ollama");
  using home = temporaryHome();
  home.write("data/config.json", model.config);
  const now = () => new Date();
  {
    using store = openStore(homePaths(home.path).data, now);
    fillLog(store, { agent: mainAgent, conversation: "cli:terminal", messages, sessions: "many", now });
  }

  const rows: Row[] = [];
  for (const kind of kinds) {
    const { screen } = kind;
    if (screen === "Ink" && process.platform !== "linux") continue;
    const times: number[] = [];
    const residentMb: number[] = [];
    for (let start = 0; start <= starts; start++) {
      model.answerWith([{ text: "Good morning to you." }]);
      await using chat = startChat(kind, home.path);
      const readyMs = await chat.ready;
      if (start === 0) continue; // The first one finds nothing in the caches.
      times.push(readyMs);
      if (start > idles) continue;

      // What is held depends on when memory was last tidied up: one process tells little.
      if (screen === "Ink") chat.input.write("Good morning\r");
      await sleep(idleMs);
      residentMb.push(chat.residentMb());
    }
    rows.push({
      ...{ screen, messages, readyMs: quantiles(times), readyMsP95Target: readyTargetMs },
      ...{ idles, idleMb: quantiles(residentMb), idleMbP95Target: idleTargetMb },
    });
  }
  return rows;
}

interface Chat extends AsyncDisposable {
  input: NodeJS.WritableStream;
  /** Milliseconds from the command to where it takes a message. */
  ready: Promise<number>;
  /** What it has of the machine's memory, without the terminal around it. */
  residentMb(): number;
}

function startChat({ command: [name = "", ...argv], input, isReady }: Kind, home: string): Chat {
  const env = { ...process.env, MEMTRIX_HOME: home, TERM: "xterm-256color" };
  const began = performance.now();
  const chat = spawn(name, argv, { env, stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(chat, "close");
  chat.stdin.write(input);

  const ready = Promise.withResolvers<number>();
  let output = "";
  chat.stdout.setEncoding("utf8").on("data", (piece: string) => {
    output += piece;
    if (output.includes(isReady)) ready.resolve(performance.now() - began);
  });
  closed.then(() => ready.reject(new Error(`It ended before it was ready: ${output}`))).catch(() => {});

  return {
    input: chat.stdin,
    ready: ready.promise,
    residentMb: () => Math.max(...family(chat.pid).map(({ residentKb }) => Math.round(residentKb / 1024))),
    async [Symbol.asyncDispose]() {
      // Around it there is only what ends with it.
      const innermost = family(chat.pid).at(-1);
      if (innermost) process.kill(innermost.pid, "SIGTERM");
      await closed;
    },
  };
}

/** A process and all below it, the youngest last. */
function family(root: number | undefined): { pid: number; residentKb: number }[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" });
  const all = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const of = (parent: number): { pid: number; residentKb: number }[] =>
    all
      .filter(([pid, above]) => pid === parent || (above === parent && pid !== parent))
      .flatMap(([pid, , residentKb]) => (pid === parent ? [{ pid, residentKb }] : of(pid)));
  return root === undefined ? [] : of(root);
}
