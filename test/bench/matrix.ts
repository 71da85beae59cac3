import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { homeserverAlone } from "./homeserver-alone.ts";
import { type InstantModel, startInstantModel } from "./instant-model.ts";
import { type Side, startBare, startOurs } from "./matrix-sides.ts";
import type { Bench, Row } from "./report.ts";
import { quantiles, rounded } from "./report.ts";

const warmUpMessages = 15;
const defaultBurstMs = 1_000;
/** After each answer: what one side still has to tell the homeserver must not count for the other. */
const pauseMs = 500;

const help = `From a message in an encrypted room to its answer, with a model that answers at once: the whole program beside an
echo that is nothing but matrix-js-sdk with its keys in memory. Both in a process of their own, on one Synapse, asked
in turn by one person, whose own sending and reading is in both figures.

With several rooms at once a message's way is taken from the homeserver's own clock, from its having the message to its
having the answer: what the one person's client takes for twenty messages is not the program's. Beside it stands the
homeserver alone: the same two events a room by bare requests, without a sync, a key or a bot.

The pause in which the program waits for more of the same message (burst_ms) is 0 for this, and stands at its default
of ${defaultBurstMs} ms in the last row only.

  --messages N   measured messages of each side (100)
  --rooms N      rooms in which everyone writes at once (20)
  --rounds N     how often they do (5)`;

export const matrix: Bench = async (argv) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      messages: { type: "string", default: "100" },
      rooms: { type: "string", default: "20" },
      rounds: { type: "string", default: "5" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const [messages, roomCount, rounds] = [Number(values.messages), Number(values.rooms), Number(values.rounds)];
  if (!(await canRunSynapse())) return undefined;

  await using resources = new AsyncDisposableStack();
  const synapse = resources.adopt(await startSynapse(), ({ stop }) => stop());
  const home = resources.use(temporaryHome());
  const model = resources.use(await startInstantModel("ollama"));
  const { url } = synapse;
  const [owner, ourUser, bareUser] = [
    await synapse.registerUser("owner"),
    await synapse.registerUser("memtrix"),
    await synapse.registerUser("echo"),
  ];
  const person = resources.adopt(await startMatrixPerson({ url, user: owner }), ({ stop }) => stop());
  const ourOptions = { url, user: ourUser, owner: owner.userId, home, model };
  const ask = { ours: asking(person, model), bare: asking(person) };

  const answers: Row[] = [];
  const atOnce: Row[] = [];
  const ourRooms: string[] = [];
  {
    await using ours = await startOurs({ ...ourOptions, burstMs: 0 });
    await using bare = await startBare({ url, user: bareUser });
    const rooms = { ours: await roomsWith(person, ours, roomCount), bare: await roomsWith(person, bare, roomCount) };
    ourRooms.push(...rooms.ours);
    for (const side of ["ours", "bare"] as const) for (const room of rooms[side]) await ask[side](room);

    const times: { ours: Answer[]; bare: Answer[] } = { ours: [], bare: [] };
    for (let index = 0; index < warmUpMessages + messages; index++)
      for (const side of ["ours", "bare"] as const) {
        const answer = await ask[side](rooms[side][0] ?? "");
        if (index >= warmUpMessages) times[side].push(answer);
        await sleep(pauseMs);
      }
    answers.push({ burstMs: 0, ...compared(times) });

    for (const side of ["ours", "bare"] as const) {
      const aloneMs = quantiles(times[side].map(({ serverMs }) => serverMs)).p50;
      const all: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const answered = await Promise.all(rooms[side].map((room) => ask[side](room)));
        all.push(...answered.map(({ serverMs }) => serverMs));
      }
      atOnce.push({ ...atOnceRow(side, all, aloneMs), slowestRatioTarget: side === "ours" ? 3 : null });
    }
    const floor = await homeserverAlone({ url, person: owner, other: bareUser, rooms: rooms.bare, rounds });
    atOnce.push(atOnceRow("homeserver alone", floor.atOnceMs, quantiles(floor.aloneMs).p50));
  }
  {
    await using _ours = await startOurs({ ...ourOptions, burstMs: defaultBurstMs });
    const times: Answer[] = [];
    // The first one also waits for the start.
    for (let index = 0; index <= Math.min(10, messages); index++) times.push(await ask.ours(ourRooms[0] ?? ""));
    answers.push({ burstMs: defaultBurstMs, ...ofOurs(times.slice(1)) });
  }
  return { answers, atOnce };
};

function atOnceRow(side: string, all: readonly number[], aloneMs: number): Row {
  return {
    side,
    answered: all.length,
    aloneMs,
    answerMs: quantiles(all),
    slowestRatio: rounded(Math.max(...all) / aloneMs),
  };
}

interface Answer {
  /** From where the person's client is given the message to where it has the answer, decrypted. */
  ms: number;
  /** From the homeserver's having the message to its having the answer, by its own clock: without the person's client. */
  serverMs: number;
  /** Of `ms`, until the model has its request; and from the model's last byte on. */
  toModelMs: number;
  fromModelMs: number;
}

/** Says something new in a room and waits for the answer. */
function asking(person: MatrixPerson, model?: InstantModel): (room: string) => Promise<Answer> {
  let count = 0;
  return async (room) => {
    count++;
    model?.answerWith([{ text: `It was said ${count} times, as far as I remember.` }]);
    const from = person.seen().length;
    const saidAt = performance.now();
    const text = `How often was this said? This is the ${count}. time.`;
    const said = ({ roomId, content, sender }: SeenEvent): boolean =>
      roomId === room && sender === person.userId && content.body === text;
    const [answer, question] = await Promise.all([
      person
        .waitForMessage(room, undefined, { from, limitMs: 60_000 })
        .then((event) => ({ event, at: performance.now() })),
      person.waitFor(said, { from, limitMs: 60_000 }),
      person.send(room, text),
    ]);
    const answeredAt = answer.at;
    const serverMs = (answer.event.serverTime ?? Number.NaN) - (question.serverTime ?? Number.NaN);
    // With several rooms at once this is the exchange of any of them, and is not looked at.
    const { arrivedAt, answeredAt: modelAt } = model?.takeExchanges().at(-1) ?? { arrivedAt: 0, answeredAt: 0 };
    return { ms: answeredAt - saidAt, serverMs, toModelMs: arrivedAt - saidAt, fromModelMs: answeredAt - modelAt };
  };
}

/** Encrypted rooms of the person and this account. */
async function roomsWith(person: MatrixPerson, { userId }: Side, count: number): Promise<string[]> {
  const rooms: string[] = [];
  for (let index = 0; index < count; index++) {
    const room = await person.createRoom({ invite: [userId] });
    await person.waitForJoin(room, userId);
    rooms.push(room);
  }
  return rooms;
}

function compared({ ours, bare }: { ours: Answer[]; bare: Answer[] }): Row {
  const row = ofOurs(ours);
  const [of, ofBare] = [quantiles(ours.map(({ ms }) => ms)), quantiles(bare.map(({ ms }) => ms))];
  return {
    ...row,
    bareMs: ofBare,
    ...{ ratioP50: rounded(of.p50 / ofBare.p50), ratioP50Target: 1.3 },
    ...{ ratioP95: rounded(of.p95 / ofBare.p95), ratioP95Target: 1.5 },
  };
}

function ofOurs(answers: Answer[]): Row {
  return {
    oursMs: quantiles(answers.map(({ ms }) => ms)),
    toModelMs: quantiles(answers.map(({ toModelMs }) => toModelMs)),
    fromModelMs: quantiles(answers.map(({ fromModelMs }) => fromModelMs)),
  };
}
