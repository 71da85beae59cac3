import { readHeartbeat } from "../heartbeat.ts";
import { homePaths } from "../home.ts";
import { helpFlag, parseFlags } from "./parse-flags.ts";

const help = `Whether the program that runs over this data is well: it hears from its homeserver, its event loop is not
held up, and its data can be written. Docker asks this every 30 seconds.

Usage: memtrix health [--json]

Exit code 0 when it is well, else 1.`;

/** The program writes a heartbeat every 10 s; three that are missing are no chance. */
const staleSeconds = 35;
const mostLateMs = 1_000;
const mostWriteMs = 1_000;
const mostSilentSeconds = 120;
const mostUndecryptable = 3;

/** `memtrix health`. */
export async function health(argv: string[], { home }: { home: string }): Promise<number> {
  const { values: flags } = parseFlags("health", argv, { ...helpFlag, json: { type: "boolean" } });
  if (flags.help) {
    console.log(help);
    return 0;
  }
  const { facts, problems } = await look(homePaths(home).data);
  if (flags.json) console.log(JSON.stringify({ healthy: problems.length === 0, problems, ...facts }));
  else console.log(problems.length === 0 ? `well: ${said(facts)}` : `not well: ${problems.join("; ")}`);
  return problems.length === 0 ? 0 : 1;
}

interface Facts {
  ageSeconds: number;
  lateMs: number;
  writeMs: number;
  /** Of the agent that has heard nothing for the longest; undefined where none lives in Matrix. */
  silentSeconds: number | undefined;
}

async function look(data: string): Promise<{ facts?: Facts; problems: string[] }> {
  const found = await readHeartbeat(data);
  if (!found) return { problems: ["it does not run"] };
  const { heartbeat, ageSeconds } = found;
  // One from before the machine was started anew lies ahead of us.
  if (ageSeconds > staleSeconds || ageSeconds < -1) {
    const since = ageSeconds > 0 ? `for ${Math.round(ageSeconds)} s` : "since this machine was started";
    return {
      problems: [`it has given no sign of life ${since}: it was killed, hangs, or cannot write to its data folder`],
    };
  }

  const problems = heartbeat.connections.flatMap(({ agent, silentSeconds, undecryptable, problem }) => {
    if (silentSeconds === null) return [`${agent} is not connected to its homeserver${problem ? ` (${problem})` : ""}`];
    if (silentSeconds + ageSeconds > mostSilentSeconds)
      return [`${agent} has heard nothing from its homeserver for ${Math.round(silentSeconds + ageSeconds)} s`];
    if (undecryptable >= mostUndecryptable)
      return [`${agent} could not read ${undecryptable} messages of the last two minutes`];
    return [];
  });
  if (heartbeat.lateMs > mostLateMs) problems.push(`its event loop was held up for ${heartbeat.lateMs} ms`);
  if (heartbeat.writeMs > mostWriteMs) problems.push(`its disk is slow: a small file took ${heartbeat.writeMs} ms`);
  const silences = heartbeat.connections.map(({ silentSeconds }) => silentSeconds ?? Number.POSITIVE_INFINITY);
  const silentSeconds = silences.length === 0 ? undefined : Math.round(Math.max(...silences) + ageSeconds);
  const { lateMs, writeMs } = heartbeat;
  return { facts: { ageSeconds: Math.round(ageSeconds), lateMs, writeMs, silentSeconds }, problems };
}

function said(facts: Facts | undefined): string {
  if (!facts) return "";
  const { ageSeconds, lateMs, silentSeconds } = facts;
  const heard = silentSeconds === undefined ? [] : [`heard from its homeserver ${silentSeconds} s ago`];
  return [...heard, `event loop at most ${lateMs} ms late`, `data written ${ageSeconds} s ago`].join(", ");
}
