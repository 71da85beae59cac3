import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { secretPrefix } from "../../src/config/secrets-file.ts";
import { layMatrixHome } from "./matrix-home.ts";
import { startMatrixPerson } from "./matrix-person.ts";
import { startObedientModel } from "./obedient-model.ts";
import type { Person } from "./person.ts";
import { program, type Running } from "./program.ts";
import type { SeenEvent } from "./seen-events.ts";
import { startSynapse, type TestSynapse, type TestUser } from "./synapse.ts";
import { type TemporaryHome, temporaryHome } from "./temporary-home.ts";

/** The whole program at a homeserver that lets it make accounts, in a room with its owner, whose model does as it is told. */
export interface MakingScene extends AsyncDisposable {
  synapse: TestSynapse;
  home: TemporaryHome;
  person: Person;
  /** As it was started first. */
  running: Running;
  /** `memtrix start`, once more. */
  start(): Running;
  /** Of the owner and the main agent. */
  room: string;
  /** Says it to the main agent, answers its question, and waits for what it says then. */
  order(text: string, answer: "yes" | "no", gave: string | RegExp): Promise<void>;
  /** The config as it is on the disk. */
  config(): { agents: Record<string, Record<string, unknown>> };
  /** What Synapse's administrator sees of an account. */
  account(userId: string): Promise<Record<string, unknown>>;
}

export interface MakingSceneOptions {
  /** The owner's client; ours if left out. */
  startPerson?(options: { url: string; user: TestUser }): Promise<Person>;
  /** Beside the channel and the model. */
  config?: object;
}

const patience = { limitMs: 60_000 };

export async function openMakingScene(options: MakingSceneOptions = {}): Promise<MakingScene> {
  await using opening = new AsyncDisposableStack();
  const synapse = await startSynapse({ settings: { enable_registration: true, registration_requires_token: true } });
  opening.defer(() => synapse.stop());
  const admin = await synapse.registerUser("admin", { admin: true });
  const asAdmin = async (path: string, request: { method?: string; body?: string } = {}) => {
    const headers = { authorization: `Bearer ${admin.accessToken}` };
    const answer = await fetch(`${synapse.url}/_synapse/admin/${path}`, { ...request, headers });
    return (await answer.json()) as Record<string, unknown>;
  };
  const { token } = await asAdmin("v1/registration_tokens/new", { method: "POST", body: "{}" });
  const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];

  const model = opening.use(await startObedientModel());
  const home = opening.use(temporaryHome());
  layMatrixHome(home, { url: synapse.url, agent, owner, model: { ...model.config, ...options.config } });
  const secrets = { MATRIX_TOKEN: agent.accessToken, REGISTRATION_TOKEN: token };
  const lines = Object.entries(secrets).map(([name, value]) => `${secretPrefix}${name}=${value}\n`);
  chmodSync(home.write(".env", lines.join("")), 0o600);

  const startPerson = options.startPerson ?? (({ url, user }) => startMatrixPerson({ url, user, crossSigned: true }));
  const person = await startPerson({ url: synapse.url, user: owner });
  opening.defer(() => person.stop());
  const memtrix = opening.use(program({ home: home.path }));
  const start = () => memtrix.start(["start"], { limitMs: 600_000 });
  const running = start();
  const room = await enter(person, agent).catch(async (error) => {
    running.kill("SIGTERM");
    const { stderr } = await running.ended;
    throw new Error(`The agent did not say hello. Its log:\n${stderr}`, { cause: error });
  });

  const release = opening.move();
  return {
    ...{ synapse, home, person, running, start, room },
    async order(text, answer, gave) {
      const from = person.seen().length;
      await person.send(room, text);
      await person.waitForMessage(room, undefined, { ...patience, from });
      await person.send(room, answer);
      const isWanted = ({ content }: SeenEvent) => String(content.body).search(gave) >= 0;
      await person.waitForMessage(room, isWanted, { ...patience, from });
    },
    config: () => ({ agents: {}, ...JSON.parse(readFileSync(join(home.path, "data/config.json"), "utf8")) }),
    account: (userId) => asAdmin(`v2/users/${userId}`),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

/** Comes into the room that the agent makes for its owner, and waits for its first word. */
async function enter(person: Person, { userId }: TestUser): Promise<string> {
  const room = await person.waitForInvitation(userId, patience);
  await person.join(room);
  await person.waitForMessage(room, undefined, patience);
  return room;
}
