import type { Turn } from "../support/model-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import type { WireName } from "../support/wire-model.ts";
import { startInstantModel } from "./instant-model.ts";
import { openOurSide } from "./our-side.ts";
import { quantiles, type Row, rounded } from "./report.ts";

/** How much of each request a model's server knows from the one before: all, up to the person's previous message. */
export async function measurePrompt({ wire, turns }: { wire: WireName; turns: number }): Promise<Row> {
  await using model = await startInstantModel(wire);
  using home = temporaryHome();
  home.write("data/config.json", model.config);
  let at = Date.parse("2026-01-05T23:00:00Z");
  await using ours = await openOurSide(home.path, "bench", () => new Date(at));

  const requests: string[] = [];
  for (let turn = 0; turn < turns; turn++) {
    model.answerWith(script(turn));
    await ours.say(`This is message ${turn}. What is next?`);
    requests.push(...model.takeExchanges().map(({ body }) => body.toString()));
    at += 7 * 60_000; // Past midnight as well: neither time nor date may stand where it is shared.
  }

  const pairs = requests.slice(1).map((request, index) => {
    const before = requests[index] ?? "";
    const shared = sharedBeginning(before, request);
    return { isShort: shared < beginningOfNewestMessage(before), percent: (100 * shared) / endOfMessages(request) };
  });
  return {
    ...{ wire, turns, requests: requests.length },
    // Requests that share less than they must.
    short: pairs.filter(({ isShort }) => isShort).length,
    shortTarget: 0,
    // Of the instructions and messages, how much the server has seen in the request before.
    sharedPercent: quantiles(pairs.map(({ percent }) => percent)),
    leastSharedPercent: rounded(Math.min(...pairs.map(({ percent }) => percent))),
  };
}

/** No call, one call, or two at once and one more. */
function script(turn: number): Turn[] {
  const call = (name: string, input: object, number: number) => ({ name, input, id: `call-${turn}-${number}` });
  const time = call("get_current_time", {}, 1);
  const list = call("list_directory", { path: "" }, 2);
  const file = call("read_file", { path: "AGENT.md" }, 3);
  const answer = { text: `Answer ${turn}, with “quotes”, ünïcödé and a <tag> & more.` };
  if (turn % 3 === 0) return [answer];
  if (turn % 3 === 1) return [{ text: "One moment.", calls: [time] }, answer];
  return [{ thinking: "Two at once.", calls: [time, list] }, { calls: [file] }, answer];
}

function sharedBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Where the text of the person's newest message begins in a request. */
function beginningOfNewestMessage(body: string): number {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
  const newest = messages.findLast(({ role }) => role === "user");
  return body.lastIndexOf(JSON.stringify(newest?.content));
}

function endOfMessages(body: string): number {
  const messages = JSON.stringify(JSON.parse(body).messages);
  return body.indexOf(messages) + messages.length;
}
