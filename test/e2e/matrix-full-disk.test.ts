import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { program } from "../support/program.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { readStore } from "../support/store-seen.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

const canRun = canMount && (await canRunSynapse());

describe.skipIf(!canRun)("a disk that is full while its owner writes in Matrix", { timeout: 120_000 }, () => {
  it("when the message comes: it is answered when there is room, by the same process", async () => {
    await using place = await start(() => "Here I am.");
    const { disk, person, room, running } = place;
    disk.fill();
    await person.send(room, "Are you there?");
    await running.said("stderr", /The disk is full/);
    expect(place.answers()).toEqual([]);

    disk.empty();
    await person.waitForMessage(room, saying("Here I am."), { limitMs: 40_000 });
    await place.end();
    expect(place.answers()).toEqual(["Here I am."]);
    expect(place.store()).toMatchObject({ integrity: "ok", inbox: [{ text: "Are you there?", done: true }] });
  });

  it("does not hold the program when it is to end, and the message is answered after the next start", async () => {
    await using place = await start(() => "Here I am.");
    const { disk, person, room, running } = place;
    disk.fill();
    await person.send(room, "Are you there?");
    await running.said("stderr", /The disk is full/);
    running.kill("SIGTERM");
    expect((await running.ended).durationMs).toBeLessThan(60_000);
    disk.empty();
    place.startAgain();
    await person.waitForMessage(room, saying("Here I am."), { limitMs: 40_000 });
    expect(place.answers()).toEqual(["Here I am."]);
  });

  it("while the model answers: its owner hears of it once, and gets the answer when there is room", async () => {
    await using place = await start((_, index) => {
      if (index === 0) place.disk.fill();
      return `Answer ${index}.`;
    });
    const { disk, person, room, running } = place;
    await person.send(room, "What do you think?");
    await running.said("stderr", /The disk is full|Message failed/);
    disk.empty();
    await person.waitForMessage(room, saying(/^Answer/), { limitMs: 60_000 });
    await place.end();

    const { inbox, outbox, integrity } = place.store();
    expect(integrity).toBe("ok");
    expect(inbox).toMatchObject([{ text: "What do you think?", done: true }]);
    expect(outbox.filter(({ answers }) => answers.length > 0)).toMatchObject([{ sent: true }]);
    const told = place.answers();
    expect(told.filter((text) => /^Answer/.test(text))).toHaveLength(1);
    expect(told.filter((text) => /^The disk is full.*I have your message/.test(text))).toHaveLength(1);
    expect(told).toHaveLength(2);
  });
});

const saying =
  (text: string | RegExp) =>
  ({ content }: SeenEvent): boolean =>
    typeof text === "string" ? content.body === text : text.test(String(content.body));

/** A program whose data lie on a disk of 20 MB, in its room with its owner. */
async function start(answer: Parameters<typeof startWireModel>[1]) {
  await using stack = new AsyncDisposableStack();
  const synapse = stack.adopt(await startSynapse(), ({ stop }) => stop());
  const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
  const model = stack.use(await startWireModel("ollama", answer));
  const home = stack.use(temporaryHome());
  const data = join(home.path, "data");
  mkdirSync(data);
  const disk = stack.use(await mountSmallDisk(data, 20_000_000));
  const write = (name: string, content: string | object): string => {
    const path = disk.at(join(home.path, name));
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  layMatrixHome({ ...home, write }, { url: synapse.url, agent, owner, model: model.config });
  const person = stack.adopt(await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true }), (one) =>
    one.stop(),
  );
  const memtrix = stack.use(program({ home: home.path, prefix: disk.prefix }));
  const startAgain = () => memtrix.start(["start"], { limitMs: 120_000 });
  const running = startAgain();
  const room = await person.waitForInvitation();
  await person.join(room);
  const greeting = await person.waitForMessage(room);
  const kept = stack.move();
  return {
    ...{ disk, person, room, running, startAgain },
    /** What the agent has said after its first word. */
    answers: () =>
      person
        .seen()
        .filter(
          ({ type, sender, eventId }) =>
            type === "m.room.message" && sender === agent.userId && eventId !== greeting.eventId,
        )
        .map(({ content }) => String(content.body)),
    async end() {
      running.kill("SIGTERM");
      expect(await running.ended).toMatchObject({ signal: null });
    },
    store() {
      // SQLite finds the way around a mount: it reads a copy.
      using copy = temporaryHome();
      cpSync(disk.at(data), join(copy.path, "data"), { recursive: true });
      return readStore(copy.path);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
