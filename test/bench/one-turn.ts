import { setImmediate as nextTurn } from "node:timers/promises";
import { mainAgent } from "../../src/app.ts";
import { homePaths } from "../../src/home.ts";
import { openStore } from "../../src/store/store.ts";
import type { Turn } from "../support/model-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import type { WireName } from "../support/wire-model.ts";
import { openBareSide } from "./bare-side.ts";
import { type FillOptions, fillLog } from "./fill-log.ts";
import { type Exchange, type InstantModel, startInstantModel } from "./instant-model.ts";
import { openOurSide, type Times } from "./our-side.ts";
import { quantiles, type Row, rounded } from "./report.ts";

export interface TurnOptions {
  wire: WireName;
  messages: number;
  sessions: FillOptions["sessions"];
  runs: number;
  warmUpRuns: number;
}

/** The most that 95 of 100 runs may take to their first request, by the messages in the log. */
const firstRequestTargetMs = (messages: number): number => (messages <= 1_000 ? 15 : 25);

/** Runs of ours and bare calls that send the same, one after the other in one process. Each has two tool calls. */
export async function measureTurns({ wire, messages, sessions, runs, warmUpRuns }: TurnOptions): Promise<Row> {
  await using model = await startInstantModel(wire);
  using home = temporaryHome();
  home.write("data/config.json", model.config);
  // The clock stands still, so that both say the same.
  const now = () => new Date("2026-01-05T09:30:00Z");
  {
    using store = openStore(homePaths(home.path).data, now);
    fillLog(store, { agent: mainAgent, conversation: "cli:bench", messages, sessions, now });
  }
  await using ours = await openOurSide(home.path, "bench", now);
  const bare = await openBareSide(home.path, ours.app, "cli:bench", now);

  const pairs: { ours: Timing; bare: Timing }[] = [];
  for (let index = 0; index < warmUpRuns + runs; index++) {
    const script = twoCallsAndAnAnswer(index);
    const pair = {
      ours: await timingOf(model, script, () => ours.say(`What time is it, for the ${index}. time?`)),
      bare: await timingOf(model, script, () => bare.sayAgain()),
    };
    if (index >= warmUpRuns) pairs.push(pair);
  }

  const compare = (valuesOf: (timing: Timing) => number[]) => {
    const [of, ofBare] = [
      quantiles(pairs.flatMap(({ ours }) => valuesOf(ours))),
      quantiles(pairs.flatMap(({ bare }) => valuesOf(bare))),
    ];
    return { ours: of, bare: ofBare, ratio: rounded(of.p50 / ofBare.p50) };
  };
  const first = compare(({ firstRequestMs }) => [firstRequestMs]);
  const step = compare(({ stepsMs }) => stepsMs);
  const end = compare(({ endMs }) => [endMs]);
  const cpu = compare(({ cpuMs }) => [cpuMs]);
  const same = pairs.filter(({ ours, bare }) => ours.bodies.join() === bare.bodies.join());
  return {
    ...{ wire, messages, sessions },
    requestBytes: quantiles(pairs.map(({ ours }) => ours.bodies[0]?.length ?? 0)).p50,
    // The share of pairs whose requests were the same, byte for byte. They differ where the view moved in mid-run: there
    // ours sent the longer ones.
    same: rounded(same.length / pairs.length),
    ...{ firstRequestMs: first.ours, firstRequestBareMs: first.bare, firstRequestRatio: first.ratio },
    firstRequestMsP95Target: firstRequestTargetMs(messages),
    ...{ stepMs: step.ours, stepBareMs: step.bare, stepRatio: step.ratio },
    ...{ endMs: end.ours, endBareMs: end.bare },
    ...{ cpuMs: cpu.ours, cpuBareMs: cpu.bare, cpuRatio: cpu.ratio },
  };
}

const madeUpId = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What is ours, or the SDK's, in one run: the time in which the model was not asked. */
interface Timing {
  firstRequestMs: number;
  /** From an answer of the model to the request after it. */
  stepsMs: number[];
  /** From the model's last answer to ours. */
  endMs: number;
  /** Of the whole process and run, the model's server included: what does not change when the machine has other work. */
  cpuMs: number;
  /** The requests, without the ids that a client makes up. */
  bodies: string[];
}

async function timingOf(model: InstantModel, script: readonly Turn[], say: () => Promise<Times>): Promise<Timing> {
  model.answerWith(script);
  const cpuBefore = process.cpuUsage();
  const { saidAt, answeredAt } = await say();
  const exchanges = model.takeExchanges();
  const own = exchanges.filter(({ isAside }) => !isAside);
  const [first, last] = [exchanges.at(0), exchanges.at(-1)];
  if (!first || !last || own.length !== script.length)
    throw new Error(`The model was asked ${own.length} times instead of ${script.length}.`);
  await settled();
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    firstRequestMs: first.arrivedAt - saidAt,
    stepsMs: exchanges.slice(1).map(({ arrivedAt }, index) => arrivedAt - (exchanges[index] as Exchange).answeredAt),
    endMs: answeredAt - last.answeredAt,
    cpuMs: (user + system) / 1000,
    bodies: own.map(({ body }) => body.toString().replaceAll(madeUpId, "an id")),
  };
}

function twoCallsAndAnAnswer(index: number): Turn[] {
  const call = (step: number): Turn => ({
    calls: [{ name: "get_current_time", input: {}, id: `call-${index}-${step}` }],
  });
  return [call(1), call(2), { text: "It is half past nine, as it was before." }];
}

/** What one side leaves to do must not count for the other. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}
