import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Running } from "../support/program.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { end, mainId, openTroupe, type Troupe } from "../support/troupe.ts";
import { measureMaking } from "./making-agents.ts";
import type { Bench, Row } from "./report.ts";
import { quantiles, rounded } from "./report.ts";

const help = `Many agents in one process, each in an encrypted room with one person: how much memory one more takes, how long the
start takes, and whether an answer comes as fast as with one agent; and how long the making of one takes. Beside it, in a process of its own, as many clients
that are nothing but matrix-js-sdk with its keys in memory, each in an encrypted room too.

Memory is what the system holds for the process (RSS) when all is quiet.

  --agents N     beside the main one (49)
  --messages N   measured messages, with one agent and with all (40)
  --made N       agents that are made one after the other (10); with --agents 0 nothing else is measured`;

const settleMs = 10_000;
const warmUpMessages = 5;

export const agents: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      agents: { type: "string", default: "49" },
      messages: { type: "string", default: "40" },
      made: { type: "string", default: "10" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  if (!(await canRunSynapse())) return undefined;
  const making = await measureMaking(Number(values.made));
  const [count, messages] = [Number(values.agents), Number(values.messages)];
  if (count === 0) return { making } as Record<string, Row[]>;
  const others = Array.from({ length: count }, (_, index) => `agent-${index + 1}`);
  const description = "One of many agents of a measurement";
  await using troupe = await openTroupe({
    agents: Object.fromEntries(others.map((id) => [id, description])),
    burstMs: 0,
  });
  for (const id of [mainId, ...others]) troupe.cast(id, () => "It was said, as far as I remember.");

  const rooms: string[] = [];
  const firstStart = await started(troupe, count);
  for (const id of [mainId, ...others]) rooms.push((await troupe.enter(id)).room);
  const allMetMs = performance.now() - firstStart.beganAt;
  await sleep(settleMs);
  await end(firstStart.running);

  troupe.staff([]);
  const alone = await measured(troupe, { count: 0, rooms: rooms.slice(0, 1), messages });
  troupe.staff(others);
  const together = await measured(troupe, { count, rooms, messages });
  const bare = await bareMib(troupe, count);

  const perAgent = rounded((together.quietMib - alone.quietMib) / count);
  const perAgentTalking = rounded((together.talkedMib - alone.talkedMib) / count);
  const memory: Row[] = [
    { side: "ours", agents: count + 1, oneMib: alone.quietMib, allMib: together.quietMib, oneMoreMib: perAgent },
    {
      ...{ side: "ours, after talking", agents: count + 1, oneMib: alone.talkedMib, allMib: together.talkedMib },
      ...{ oneMoreMib: perAgentTalking, oneMoreMibTarget: 10 },
    },
    { side: "bare", agents: count + 1, oneMib: bare.one, allMib: bare.all, oneMoreMib: bare.oneMore },
  ];
  const start: Row[] = [
    { what: "first, until all have met their owner", agents: count + 1, ms: rounded(allMetMs) },
    { what: "again", agents: 1, ms: alone.startMs },
    { what: "again", agents: count + 1, ms: together.startMs, msTarget: 20_000 },
  ];
  const answers: Row[] = [
    { agents: 1, ms: quantiles(alone.answersMs) },
    { agents: count + 1, ms: quantiles(together.answersMs) },
  ];
  return { making, memory, start, answers } as Record<string, Row[]>;
};

interface Started {
  running: Running;
  beganAt: number;
  ms: number;
}

async function started(troupe: Troupe, count: number): Promise<Started> {
  const beganAt = performance.now();
  const running = troupe.start();
  await running.said("stderr", new RegExp(`All agents are connected.*"agents":${count + 1}\\b`));
  return { running, beganAt, ms: rounded(performance.now() - beganAt) };
}

interface Measure {
  startMs: number;
  quietMib: number;
  talkedMib: number;
  answersMs: number[];
}

/** Starts the program with so many agents beside the main one; the messages go to them in turn. */
async function measured(
  troupe: Troupe,
  { count, rooms, messages }: { count: number; rooms: readonly string[]; messages: number },
): Promise<Measure> {
  const { running, ms: startMs } = await started(troupe, count);
  console.error(`${count + 1} agents are connected after ${startMs} ms`);
  await sleep(settleMs);
  const quietMib = mebibytes(running.pid);
  const answersMs: number[] = [];
  for (const room of rooms) await troupe.person.ask(room, "This is a warm-up.");
  for (let index = -warmUpMessages; index < messages; index++) {
    const beganAt = performance.now();
    await troupe.person.ask(rooms[(index + warmUpMessages) % rooms.length] ?? "", `This is message ${index}.`);
    if (index >= 0) answersMs.push(performance.now() - beganAt);
    await sleep(200);
  }
  await sleep(settleMs);
  const talkedMib = mebibytes(running.pid);
  console.error(`${count + 1} agents take ${quietMib} MiB, ${talkedMib} MiB when they have answered`);
  await end(running);
  return { startMs, quietMib, talkedMib, answersMs };
}

/** What clients without anything around them take, in one process: of one, of all, and of each one more. */
async function bareMib(
  { synapse, person }: Troupe,
  count: number,
): Promise<{ one: number; all: number; oneMore: number }> {
  const child = fork(join(import.meta.dirname, "bare-clients.ts"));
  const ended = once(child, "exit");
  async function open(from: number, to: number): Promise<number> {
    const users = [];
    for (let index = from; index < to; index++) users.push(await synapse.registerUser(`bare-${index}`));
    child.send(
      users.map(({ userId, deviceId, accessToken }) => ({ baseUrl: synapse.url, userId, deviceId, accessToken })),
    );
    await once(child, "message");
    for (const { userId } of users) {
      const room = await person.createRoom({ invite: [userId] });
      await person.waitForJoin(room, userId);
      await person.send(room, "This is a warm-up.");
    }
    await sleep(settleMs);
    return mebibytes(child.pid ?? 0);
  }
  const one = await open(0, 1);
  const all = await open(1, count + 1);
  child.disconnect();
  await ended;
  return { one, all, oneMore: rounded((all - one) / count) };
}

function mebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return rounded(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
