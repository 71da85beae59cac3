import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const launcher = join(import.meta.dirname, "../../src/launch.js");

/** The real program over one home. Disposing of it ends what still runs. */
export interface Program extends AsyncDisposable {
  readonly home: string;
  /** `memtrix ARGUMENTS`. */
  start(argv: readonly string[], options?: StartOptions): Running;
  /** `memtrix chat -m TEXT FLAGS`, to its end. */
  say(text: string, ...flags: string[]): Promise<Ended>;
  /** `memtrix chat FLAGS` with these lines as its input, to its end. No lines: it deals with what waits, and leaves. */
  chat(lines: readonly string[], ...flags: string[]): Promise<Ended>;
}

export interface ProgramOptions {
  home: string;
  /** What starts it: `["strace", "-f"]`. */
  prefix?: readonly string[];
  env?: Record<string, string>;
}

export interface StartOptions {
  prefix?: readonly string[];
  env?: Record<string, string>;
  /** After so long it is killed, and `ended` rejects with all that it said. */
  limitMs?: number;
}

/** A program under way; its input stays open until `input.end()`. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly input: NodeJS.WritableStream;
  readonly ended: Promise<Ended>;
  /** Resolves as soon as the output so far has this in it; rejects when the program ends without. */
  said(where: "stdout" | "stderr", text: string | RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface Ended {
  /** null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  durationMs: number;
}

export function program({ home, prefix = [], env = {} }: ProgramOptions): Program {
  const running = new Set<Running>();

  function start(argv: readonly string[], options: StartOptions = {}): Running {
    const one = startOne([...(options.prefix ?? prefix), process.execPath, launcher, ...argv], {
      env: { ...environment(home), ...env, ...options.env },
      limitMs: options.limitMs ?? 15_000,
    });
    running.add(one);
    void one.ended.catch(() => {}).then(() => running.delete(one));
    return one;
  }

  function chat(argv: readonly string[], input: string): Promise<Ended> {
    const one = start(["chat", ...argv]);
    one.input.end(input);
    return one.ended;
  }

  return {
    home,
    start,
    say: (text, ...flags) => chat(["-m", text, ...flags], ""),
    chat: (lines, ...flags) => chat(flags, lines.map((line) => `${line}\n`).join("")),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

/** Nothing of the test runner's own environment reaches the program. */
function environment(home: string): Record<string, string> {
  const { PATH = "", TMPDIR } = process.env;
  return { PATH, HOME: home, MEMTRIX_HOME: home, ...(TMPDIR ? { TMPDIR } : {}) };
}

function startOne(
  [command = "", ...argv]: readonly string[],
  { env, limitMs }: { env: Record<string, string>; limitMs: number },
): Running {
  const began = performance.now();
  // A group of its own: a prefix and the program under it are ended together.
  const child = spawn(command, argv, { env, detached: true });
  const output = { stdout: "", stderr: "" };
  for (const where of ["stdout", "stderr"] as const)
    child[where].setEncoding("utf8").on("data", (text: string) => {
      output[where] += text;
    });
  // A program that has ended reads no more.
  child.stdin.on("error", () => {});

  const ended = endOf(child, limitMs).then(({ code, signal, isLate }): Ended => {
    if (isLate) throw new Error(`Not ended after ${limitMs} ms. stdout: ${output.stdout}\nstderr: ${output.stderr}`);
    return { code, signal, ...output, durationMs: performance.now() - began };
  });
  ended.catch(() => {}); // Whoever awaits it hears of it.

  return {
    pid: child.pid ?? 0,
    input: child.stdin,
    ended,
    said(where, text) {
      const isThere = () => (typeof text === "string" ? output[where].includes(text) : text.test(output[where]));
      return new Promise((resolve, reject) => {
        const look = () => void (isThere() && resolve());
        child[where].on("data", look);
        look();
        ended.then(
          () => reject(new Error(`Ended without ${text}. stdout: ${output.stdout}\nstderr: ${output.stderr}`)),
          reject,
        );
      });
    },
    kill: (signal) => endGroup(child, signal),
    async [Symbol.asyncDispose]() {
      endGroup(child, "SIGKILL");
      await ended.catch(() => {});
    },
  };
}

async function endOf(
  child: ChildProcess,
  limitMs: number,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; isLate: boolean }> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child, "SIGKILL");
  }, limitMs);
  try {
    const [code, signal] = await once(child, "close");
    return { code, signal, isLate };
  } finally {
    clearTimeout(timer);
  }
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
