import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "./program.ts";
import { readStore } from "./store-seen.ts";
import { killing } from "./strace.ts";
import { temporaryHome } from "./temporary-home.ts";
import { faultsOf, layTidyHome, request, tidyModel } from "./tidy-run.ts";
import { startWireModel, type WireName } from "./wire-model.ts";

export interface Point {
  /** `in`: one level below, by strace, as the system call of a write is entered. */
  moment: "before" | "after" | "in";
  /** Which write, from 1. Those of each thread are counted by themselves below. */
  number: number;
}

/** What came of a run that was killed at one point, and then started again until it was done. */
export interface KilledRun {
  point: Point;
  /** The last write that was begun. */
  write: string;
  /** False when the run was at its end before this write. */
  killed: boolean;
  /** How often it was started after the kill. */
  restarts: number;
  faults: string[];
}

const preload = join(import.meta.dirname, "kill-at-write.mjs");
const mostRestarts = 4;
const writingCalls =
  "write,pwrite64,writev,pwritev,copy_file_range,sendfile,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat";

/** Every write of the whole run, in order, in a few words. */
export async function writesOfRun(wire: WireName): Promise<string[]> {
  const { writes, faults } = await liveThrough(wire, []);
  if (faults.length > 0) throw new Error(`Unhurt, the run already fails: ${faults.join("; ")}`);
  return writes;
}

/** Kills at `point`; with `again`, also each start after that, so long as it comes so far. */
export async function killAt(wire: WireName, point: Point, again?: Point): Promise<KilledRun> {
  const { writes, signals, faults } = await liveThrough(wire, again ? [point, again] : [point]);
  return {
    ...{ point, faults },
    write: writes.at(-1) ?? "",
    killed: signals[0] === "SIGKILL",
    restarts: signals.length - 1,
  };
}

/** The first start is killed at the first point, the second at the second; then it is let be. */
async function liveThrough(wire: WireName, points: readonly Point[]) {
  await using model = await startWireModel(wire, tidyModel);
  using home = temporaryHome();
  layTidyHome(home, model);
  const { start } = program({ home: home.path });
  const file = (index: number) => join(home.path, `writes-${index}`);
  const signals: (string | null)[] = [];
  const faults: string[] = [];
  let shown = "";

  for (let index = 0; index <= mostRestarts; index++) {
    const point = points[index];
    // The person says it again only where it was not taken in, which is for all to see: no word of it at the next start.
    const say = isTakenIn(home.path) ? [] : ["-m", request];
    const running = start(["chat", ...say, "--yes"], {
      env: {
        NODE_OPTIONS: `--import=${preload}`,
        WRITES_FILE: file(index),
        ...(point ? { KILL_AT_WRITE: `${point.moment}:${point.number}` } : {}),
      },
      prefix: point?.moment === "in" ? killing(writingCalls, point.number) : [],
      limitMs: 30_000,
    });
    running.input.end();
    const { code, signal, stdout, stderr } = await running.ended;
    shown += stdout + stderr;
    signals.push(signal);
    if (signal === "SIGKILL" && point) continue;
    if (code !== 0) faults.push(`start ${index + 1} ended with ${signal ?? code}: ${stderr}`);
    if (isTakenIn(home.path)) break;
  }

  faults.push(...faultsOf(home.path, shown));
  return { writes: (existsSync(file(0)) ? readFileSync(file(0), "utf8") : "").trim().split("\n"), signals, faults };
}

function isTakenIn(home: string): boolean {
  if (!existsSync(join(home, "data", "memtrix.db"))) return false;
  try {
    return readStore(home).inbox.length > 0;
  } catch {
    return false; // Killed before there were tables.
  }
}
