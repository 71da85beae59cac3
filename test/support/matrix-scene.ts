import { setTimeout as sleep } from "node:timers/promises";
import { answeredNumber, type CountingModel, messageText, startCountingModel } from "./counting-model.ts";
import { endOnSignal } from "./end-on-signal.ts";
import { atRandom, type FlakyProxy, type Shares, startFlakyProxy } from "./flaky-proxy.ts";
import { judge, owed, type Verdict } from "./matrix-answers.ts";
import { layMatrixHome } from "./matrix-home.ts";
import { type MatrixPerson, startMatrixPerson } from "./matrix-person.ts";
import { type Ended, program, type Running } from "./program.ts";
import { seededRandom } from "./seeded-random.ts";
import type { SeenEvent } from "./seen-events.ts";
import { startSynapse } from "./synapse.ts";
import { temporaryHome } from "./temporary-home.ts";

export interface MatrixSceneOptions {
  /** What goes wrong between the program and the homeserver. */
  shares?: Shares | undefined;
  seed?: number;
}

/** The whole program in an encrypted room with its owner, at a homeserver of their own. */
export interface MatrixScene extends AsyncDisposable {
  home: string;
  person: MatrixPerson;
  model: CountingModel;
  proxy: FlakyProxy | undefined;
  /** `memtrix start`. */
  start(env?: Record<string, string>): Running;
  /** The direct room that the running program makes; resolves when its first word was read. */
  enter(): Promise<string>;
  /** Says the next message in the room; gives its number. */
  say(): Promise<number>;
  said(): number;
  /** The number of the newest answer. */
  newest(): number;
  /** Resolves when all that was said is answered, or the time is over. */
  settle(limitMs: number): Promise<void>;
  /** To be asked when the program has ended. */
  judge(): Promise<Verdict>;
  /** What the program logged as a warning or worse, and how often. */
  complaints(): Promise<Record<string, number>>;
  starts(): number;
}

const longestStartMs = 600_000;

export async function openMatrixScene({ shares, seed = 1 }: MatrixSceneOptions = {}): Promise<MatrixScene> {
  await using opening = new AsyncDisposableStack();
  let resources = opening;
  opening.use(endOnSignal(() => resources));
  const synapse = await startSynapse();
  opening.defer(() => synapse.stop());
  const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
  const model = opening.use(await startCountingModel());
  const proxy = shares
    ? opening.use(await startFlakyProxy({ target: synapse.url, fateOf: atRandom(shares, seededRandom(seed)) }))
    : undefined;
  const home = opening.use(temporaryHome());
  layMatrixHome(home, { url: proxy?.url ?? synapse.url, agent, owner, model: model.config });
  const person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
  opening.defer(() => person.stop());
  const memtrix = opening.use(program({ home: home.path }));

  const endings: Promise<Ended>[] = [];
  const said: string[] = [];
  let room = "";

  resources = opening.move();
  return {
    ...{ home: home.path, person, model, proxy },
    start(env = {}) {
      const running = memtrix.start(["start"], { limitMs: 3_600_000, env });
      endings.push(running.ended);
      return running;
    },
    async enter() {
      const invites = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === owner.userId;
      room = (await person.waitFor(invites, { limitMs: longestStartMs })).roomId;
      await person.join(room);
      await person.waitForMessage(room, undefined, { limitMs: longestStartMs });
      return room;
    },
    async say() {
      said.push(await person.send(room, messageText(said.length + 1)));
      return said.length;
    },
    said: () => said.length,
    newest() {
      const bodies = person
        .seen()
        .slice(-50)
        .map(({ content }) => String(content.body));
      return Math.max(0, ...bodies.flatMap((body) => answeredNumber(body) ?? []));
    },
    async settle(limitMs) {
      const deadline = performance.now() + limitMs;
      while (owed(home.path, said.length) > 0 && performance.now() < deadline) await sleep(200);
      await sleep(1_000); // What comes a second time, or cannot be read, must have the time to show.
    },
    judge: () =>
      judge({
        ...{ home: home.path, synapse, agent, owner, room, said, seen: person.seen(), numberIn: answeredNumber },
      }),
    async complaints() {
      const ended = await Promise.all(endings);
      return complaintsIn(ended.map(({ stderr }) => stderr).join("\n"));
    },
    starts: () => endings.length,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function complaintsIn(stderr: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of stderr.split("\n")) {
    const complaint = /^\S+ (?:warn|error) ([^{]*)/.exec(line)?.[1]?.trim();
    if (complaint) counts[complaint] = (counts[complaint] ?? 0) + 1;
  }
  return counts;
}
