import { chmodSync } from "node:fs";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import { endOnSignal } from "./end-on-signal.ts";
import { type Fate, startFlakyProxy } from "./flaky-proxy.ts";
import { type MatrixPerson, startMatrixPerson } from "./matrix-person.ts";
import type { ModelServer, ReceivedRequest, Turn } from "./model-server.ts";
import { type OllamaChat, startOllamaServer } from "./ollama-server.ts";
import { type Ended, program, type Running } from "./program.ts";
import type { SeenEvent } from "./seen-events.ts";
import { startSynapse, type TestSynapse, type TestUser } from "./synapse.ts";
import { type TemporaryHome, temporaryHome } from "./temporary-home.ts";

export const mainId = "memtrix";

/** What one agent of the troupe says next; gets its request. */
export type Part = (request: OllamaChat) => string | Turn;

/** The whole program with several agents at a homeserver of their own, each with a scripted model. */
export interface Troupe extends AsyncDisposable {
  synapse: TestSynapse;
  home: TemporaryHome;
  person: MatrixPerson;
  /** The accounts by the agents' ids; the main agent's is `memtrix`. */
  accounts: Record<string, TestUser>;
  model: ModelServer<OllamaChat>;
  /** From now on this agent says what `part` gives; before, it repeats what it was told. */
  cast(agent: string, part: Part): void;
  /** The requests of one agent's model, in order. */
  requestsOf(agent: string): ReceivedRequest<OllamaChat>[];
  /** Writes the config anew, with these agents beside the main one. */
  staff(agents: readonly string[]): void;
  /** `memtrix start`. */
  start(env?: Record<string, string>): Running;
  /** The direct room that an agent makes; resolves when its first word was read. */
  enter(agent: string): Promise<{ room: string; greeting: SeenEvent }>;
  /** An encrypted room of the person with these agents; resolves when all are in it. */
  gather(agents: readonly string[]): Promise<string>;
  /** Who is it that said this? */
  speaker(event: SeenEvent): string;
}

export interface TroupeOptions {
  /** The agents beside the main one: ids with what each is for. Their names are the ids with a capital letter. */
  agents: Record<string, string>;
  /** Agents whose token the homeserver does not know. */
  lockedOut?: readonly string[];
  burstMs?: number;
  /** Other sections of the config. */
  settings?: object;
  /** What becomes of each request of the program to its homeserver. */
  fateOf?: (path: string) => Fate;
  contextTokens?: number;
}

const longestStartMs = 120_000;

export async function openTroupe(options: TroupeOptions): Promise<Troupe> {
  const { agents, lockedOut = [], burstMs = 20, contextTokens = 16_384 } = options;
  await using opening = new AsyncDisposableStack();
  let resources = opening;
  opening.use(endOnSignal(() => resources));
  const synapse = opening.adopt(await startSynapse(), ({ stop }) => stop());
  const { fateOf } = options;
  const proxy = fateOf ? opening.use(await startFlakyProxy({ target: synapse.url, fateOf })) : undefined;
  const ids = Object.keys(agents);
  const owner = await synapse.registerUser("owner");
  const accounts: Record<string, TestUser> = {};
  for (const id of [mainId, ...ids]) accounts[id] = await synapse.registerUser(id);

  const parts = new Map<string, Part>();
  const turn = (request: OllamaChat): string | Turn => {
    model.turns.push(turn);
    return (parts.get(request.model) ?? echo)(request);
  };
  const installed = [mainId, ...ids].map((id) => [id, { contextTokens: 131_072 }]);
  const model = await startOllamaServer({ turns: [turn, turn], models: Object.fromEntries(installed) });
  opening.use(model);

  const home = opening.use(temporaryHome());
  const token = (id: string): string => (lockedOut.includes(id) ? "not-known-here" : (accounts[id]?.accessToken ?? ""));
  const ours = (id: string) => ({ user_id: accounts[id]?.userId, access_token: `$${variableOf(id)}` });
  const staff = (staffed: readonly string[]): void =>
    void home.write("data/config.json", {
      ...{ version: 1, timezone: "UTC", ...options.settings },
      "main-agent": { name: nameOf(mainId), model: mainId, channel: "matrix" },
      agents: Object.fromEntries(
        staffed.map((id) => [
          id,
          { name: nameOf(id), description: agents[id], model: id, channel: "matrix", ...ours(id) },
        ]),
      ),
      providers: { server: { type: "ollama", base_url: model.url } },
      models: Object.fromEntries(
        [mainId, ...ids].map((id) => [id, { provider: "server", model: id, context_tokens: contextTokens }]),
      ),
      channels: {
        matrix: {
          ...{ type: "matrix", homeserver: proxy?.url ?? synapse.url, owners: [owner.userId], burst_ms: burstMs },
          ...ours(mainId),
        },
      },
    });
  staff(ids);
  const secrets = [mainId, ...ids].map((id) => `${secretPrefix}${variableOf(id)}=${token(id)}\n`);
  chmodSync(home.write(".env", secrets.join("")), 0o600);

  const person = await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true });
  opening.defer(() => person.stop());
  const memtrix = opening.use(program({ home: home.path }));
  const idOf = new Map(Object.entries(accounts).map(([id, { userId }]) => [userId, id]));

  resources = opening.move();
  return {
    ...{ synapse, home, person, accounts, model, staff },
    cast: (agent, part) => void parts.set(agent, part),
    requestsOf: (agent) => model.requests.filter(({ body }) => body.model === agent),
    start: (env = {}) => memtrix.start(["start"], { limitMs: 86_400_000, env }),
    async enter(agent) {
      const sender = accounts[agent]?.userId ?? "";
      const invites = ({ type, sender: from, stateKey, content }: SeenEvent): boolean =>
        type === "m.room.member" && from === sender && stateKey === owner.userId && content.membership === "invite";
      const { roomId: room } = await person.waitFor(invites, { limitMs: longestStartMs });
      await person.join(room);
      return { room, greeting: await person.waitForMessage(room, undefined, { limitMs: longestStartMs }) };
    },
    async gather(agents) {
      const invite = agents.map((id) => accounts[id]?.userId ?? "");
      const room = await person.createRoom({ invite, direct: false });
      for (const userId of invite) await person.waitForJoin(room, userId);
      return room;
    },
    speaker: ({ sender }) => idOf.get(sender) ?? sender,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Ends a program as its owner does. */
export async function end(running: Running): Promise<Ended> {
  running.kill("SIGTERM");
  return running.ended;
}

/** The person's newest message, or what another agent said, as a model has it: without the context before it. */
export function newestWords({ messages }: OllamaChat): string {
  const newest = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return newest.replace(/<context>[\s\S]*?<\/context>\s*/, "");
}

/** Called a tool since the person's newest message. */
export function hasCalled({ messages }: OllamaChat): boolean {
  return messages.slice(messages.findLastIndex(({ role }) => role === "user")).some(({ role }) => role === "tool");
}

const echo: Part = (request) => `I heard: ${newestWords(request)}`;
const variableOf = (id: string): string => `${id.toUpperCase().replaceAll("-", "_")}_TOKEN`;
const nameOf = (id: string): string => `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
