import { createHash } from "node:crypto";
import { appendFileSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { silent } from "../../src/log.ts";
import { matrixKeys } from "../../src/matrix-keys.ts";
import { answeredNumber, answerText, messageText, startCountingModel } from "../support/counting-model.ts";
import { layMatrixHome } from "../support/matrix-home.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import { startNioPerson } from "../support/nio-person.ts";
import type { Person } from "../support/person.ts";
import { program } from "../support/program.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const canRun = await canRunSynapse();
const env = { PASSPHRASE: "correct horse battery" };
const withPassphrase = ["--passphrase-env", "PASSPHRASE"];

it.skipIf(!canRun).each([
  ["matrix-js-sdk", "with", startMatrixPerson],
  ["matrix-js-sdk", "without", startMatrixPerson],
  ["matrix-nio", "with", startNioPerson],
] as const)(
  "saved in the middle of an encrypted conversation that goes on, it goes on elsewhere in the same room: %s, %s a backup of room keys",
  { timeout: 400_000 },
  async (_library, keyBackup, startPerson) => {
    const synapse = await startSynapse();
    onTestFinished(() => synapse.stop());
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
    await using model = await startCountingModel();
    using home = temporaryHome();
    const settings = keyBackup === "with" ? { recovery_key: "$RECOVERY_KEY" } : {};
    layMatrixHome(home, { url: synapse.url, agent, owner, model: model.config, settings });
    if (keyBackup === "with") {
      const { userId, accessToken, password } = agent;
      const made = await matrixKeys(
        home.path,
        silent,
      )({ homeserver: synapse.url, userId, accessToken, password, recoveryKey: undefined });
      if (!("recoveryKey" in made)) throw new Error("no recovery key was made");
      appendFileSync(join(home.path, ".env"), `MEMTRIX_SECRET_RECOVERY_KEY='${made.recoveryKey}'\n`);
    }
    await using memtrix = program({ home: home.path, env });
    const person: Person = await startPerson({ url: synapse.url, user: owner });
    onTestFinished(() => person.stop());
    const first = memtrix.start(["start"], { limitMs: 400_000 });
    const invites = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === owner.userId;
    const { roomId: room } = await person.waitFor(invites, { limitMs: 60_000 });
    await person.join(room);
    await person.waitForMessage(room, undefined, { limitMs: 60_000 });
    const file = join(temporaryFolder(), "memtrix.backup");

    let said = 0;
    const say = () => person.send(room, messageText(++said));
    /** Says the next message, and waits for its answer: what comes while the agent is at work is taken together. */
    const ask = async (): Promise<void> => {
      await say();
      await answered(said);
    };
    const answers = () =>
      person
        .seen()
        .flatMap(({ sender, content }) =>
          sender === agent.userId ? (answeredNumber(String(content.body)) ?? []) : [],
        );
    const answered = (number: number) =>
      person.waitForMessage(room, ({ content }) => content.body === answerText(number), { limitMs: 60_000 });
    for (let count = 0; count < 5; count++) await ask();
    const saving = memtrix.start(["backup", file, ...withPassphrase], { limitMs: 60_000 });
    let isSaved = false;
    void saving.ended.then(() => {
      isSaved = true;
    });
    while (!isSaved) await ask();
    const saved = await saving.ended;
    expect(saved, saved.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("Matrix keys") });
    // It goes on after that, so that its keys do, and ends for good. What is written with is renewed meanwhile.
    const { client } = person as Partial<MatrixPerson>;
    await client?.getCrypto()?.forceDiscardSession(room);
    for (let count = 0; count < 12; count++) await ask();
    first.kill("SIGKILL");
    await first.ended;
    // Written while neither runs.
    await say();

    using elsewhere = temporaryHome();
    await using moved = program({ home: elsewhere.path, env });
    const restored = await moved.start(["restore", file, ...withPassphrase], { limitMs: 60_000 }).ended;
    expect(restored, restored.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Never start the one"),
    });
    sameByHash(home.path, elsewhere.path);
    const second = moved.start(["start"], { limitMs: 400_000 });
    await second.said("stderr", /connected as/);
    // Without a backup of room keys the words that nobody has heard stay unheard, since their key came after the backup.
    const isLost = keyBackup === "without";
    if (isLost)
      await person.waitForMessage(room, ({ content }) => /its key has not reached me/.test(`${content.body}`));
    else await answered(said);
    const unheard = isLost ? [said] : [];
    for (let count = 0; count < 4; count++) await ask();

    const all = Array.from({ length: said }, (_, index) => index + 1);
    expect(answers(), "each once").toEqual(all.filter((number) => !unheard.includes(number)));
    expect(person.seen().filter(({ undecryptable }) => undecryptable)).toEqual([]);
    second.kill("SIGTERM");
    const { stderr } = await second.ended;
    // A key that is used a second time shows as a replay, even of our own words.
    expect(stderr).not.toMatch(/replayed message| error /);
  },
);

/** The restored one holds of the old one's log what was there when it was saved, and every file that has not changed since. */
function sameByHash(old: string, restored: string): void {
  const log = (home: string) => {
    using database = new DatabaseSync(join(home, "data/memtrix.db"), { readOnly: true });
    return database.prepare("SELECT id, session, at, role, sender, text, content FROM log ORDER BY id").all();
  };
  const [whole, kept] = [log(old), log(restored)];
  expect(kept.length).toBeGreaterThan(4);
  expect(hashOf(JSON.stringify(kept))).toBe(hashOf(JSON.stringify(whole.slice(0, kept.length))));
  for (const name of globSync("workspace/*.md", { cwd: old }))
    expect(hashOf(readFileSync(join(restored, name))), name).toBe(hashOf(readFileSync(join(old, name))));
}

function hashOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
