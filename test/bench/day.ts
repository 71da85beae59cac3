import { parseArgs } from "node:util";
import { mainAgent } from "../../src/app.ts";
import { homePaths } from "../../src/home.ts";
import { openStore } from "../../src/store/store.ts";
import type { Turn } from "../support/model-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startInstantModel } from "./instant-model.ts";
import { createTalk, layTalkInLog, type Talk } from "./made-up-talk.ts";
import { openOurSide } from "./our-side.ts";
import type { Bench, Row } from "./report.ts";

const help = `What a day with it costs in tokens: so many messages over sixteen hours, every second one with a call or two,
every fourth about something from before, after months of conversations. Tokens are bytes of the requests / 3.5.

  --messages N  said on that day (60)
  --log N       messages that were said before it (20000)
  --window N    tokens that a request and its answer may have together (16384)`;

const bytesOfAToken = 3.5;
const minuteMs = 60_000;

export const day: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      messages: { type: "string", default: "60" },
      log: { type: "string", default: "20000" },
      window: { type: "string", default: "16384" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const [messages, before, window] = [values.messages, values.log, values.window].map(Number) as [
    number,
    number,
    number,
  ];
  await using model = await startInstantModel("ollama");
  using home = temporaryHome();
  const models = { small: { provider: "server", model: "small", context_tokens: window } };
  home.write("data/config.json", { ...model.config, models, memory: { model: null } });
  const talk = createTalk(1);
  let at = Date.parse("2026-01-05T07:00:00Z");
  const now = () => new Date(at);
  {
    using store = openStore(homePaths(home.path).data, now);
    layTalkInLog(store, mainAgent, talk, before);
  }
  await using ours = await openOurSide(home.path, "bench", now);
  await ours.app.agents.get(mainAgent)?.memory.reindex(() => {});

  const requests: Request[] = [];
  let said = 0;
  for (let index = 0; index < messages; index++) {
    const script = scriptOf(index, talk);
    model.answerWith(script);
    await ours.say(index % 4 === 3 ? talk.question() : talk.message());
    said += script.reduce((sum, turn) => sum + tokensOf(JSON.stringify(turn.calls ?? turn.text)), 0);
    requests.push(...model.takeExchanges().map(({ body, isAside }) => partsOf(body.toString(), isAside)));
    at += (16 * 60 * minuteMs) / messages;
  }
  return { day: [dayRow(requests, { messages, window, said })], parts: partRows(requests) };
};

interface Request {
  /** Tools and messages, in the order in which a model reads them. */
  body: string;
  isAside: boolean;
  /** In tokens. */
  tools: number;
  instructions: number;
  /** What stands before the newest message alone: date and recollections. */
  context: number;
  messages: number;
}

function partsOf(body: string, isAside: boolean): Request {
  const { messages, tools } = JSON.parse(body) as { messages: { role: string; content: string }[]; tools?: unknown };
  const [instructions, ...rest] = messages;
  const newest = rest.findLast(({ role }) => role === "user")?.content ?? "";
  const context = /^<context>[\s\S]*?<\/context>\s*/.exec(newest)?.[0] ?? "";
  return {
    ...{ body: JSON.stringify(tools ?? []) + JSON.stringify(messages), isAside, context: tokensOf(context) },
    tools: tokensOf(JSON.stringify(tools ?? [])),
    instructions: tokensOf(JSON.stringify(instructions)),
    messages: tokensOf(JSON.stringify(rest)) - tokensOf(context),
  };
}

function dayRow(requests: readonly Request[], day: { messages: number; window: number; said: number }): Row {
  const sent = sum(requests.map(({ body }) => tokensOf(body)));
  // A server keeps the beginning that a request shares with the one before it.
  const cached = sum(requests.slice(1).map(({ body }, index) => shared(requests[index]?.body ?? "", body)));
  return {
    ...{ messages: day.messages, requests: requests.length, window: day.window },
    requestsThatMakeRoom: requests.filter(({ isAside }) => isAside).length,
    ...{ inputTokens: sent, outputTokens: day.said, inputTokensAMessage: Math.round(sent / day.messages) },
    cachedPercent: Math.round((100 * cached) / sent),
    newTokensAMessage: Math.round((sent - cached) / day.messages),
  };
}

function partRows(requests: readonly Request[]): Row[] {
  const all = sum(requests.map(({ body }) => tokensOf(body)));
  const row = (part: string, tokens: readonly number[]): Row => ({
    ...{ part, tokensARequest: Math.round(sum(tokens) / tokens.length), mostTokens: Math.max(...tokens) },
    percentOfInput: Math.round((100 * sum(tokens)) / all),
  });
  return [
    row(
      "instructions",
      requests.map(({ instructions }) => instructions),
    ),
    row(
      "tools",
      requests.map(({ tools }) => tools),
    ),
    row(
      "conversation",
      requests.map(({ messages }) => messages),
    ),
    row(
      "date and recollections",
      requests.map(({ context }) => context),
    ),
    row(
      "requests that make room",
      requests.map(({ isAside, body }) => (isAside ? tokensOf(body) : 0)),
    ),
  ];
}

function shared(before: string, body: string): number {
  let length = 0;
  while (length < body.length && body[length] === before[length]) length++;
  return tokensOf(body.slice(0, length));
}

function scriptOf(index: number, talk: Talk): Turn[] {
  const call = (name: string, input: object, number: number) => ({ name, input, id: `call-${index}-${number}` });
  const answer = { text: `${talk.message()}. ${talk.message()}.` };
  if (index % 4 === 1) return [{ calls: [call("get_current_time", {}, 1)] }, answer];
  if (index % 4 === 3) return [{ calls: [call("search_memory", { query: talk.question() }, 1)] }, answer];
  return [answer];
}

function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesOfAToken);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
