import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { seededRandom } from "../support/seeded-random.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { end, hasCalled, mainId, newestWords, openTroupe, type Part } from "../support/troupe.ts";

const canRun = await canRunSynapse();
const everyone = [mainId, "cook", "baker", "poet"];
const rounds = 5;

it.skipIf(!canRun)(
  "each of several agents answers each message once, alone and in one room, however often the program is killed",
  { timeout: 300_000 },
  async () => {
    await using troupe = await openTroupe({
      agents: { cook: "What is for dinner", baker: "Bread", poet: "Verses" },
      burstMs: 100,
    });
    const { person } = troupe;
    for (const agent of everyone) troupe.cast(agent, counting);
    let running = troupe.start();
    const rooms: [agent: string, room: string][] = [];
    for (const agent of everyone) rooms.push([agent, (await troupe.enter(agent)).room]);
    const shared = await troupe.gather(everyone);

    const random = seededRandom(3);
    const expected: string[] = [];
    const answers = (): string[] =>
      person
        .seen()
        .filter(
          ({ type, sender, undecryptable }) => type === "m.room.message" && sender !== person.userId && !undecryptable,
        )
        .filter(({ content }) => String(content.body).startsWith("Answer to "))
        .map((event) => `${event.roomId} ${troupe.speaker(event)}: ${event.content.body}`);
    const areThere = (): boolean => expected.every((one) => answers().includes(one));

    for (let round = 1; round <= rounds; round++) {
      const from = person.seen().length;
      for (const [agent, room] of rooms) {
        await person.send(room, `This is message ${round}.`);
        expected.push(`${room} ${agent}: Answer to ${round}.`);
      }
      const asked = everyone.filter((_, index) => (index + round) % 2 === 0);
      await person.send(shared, `${asked.join(" and ")}: this is message ${round}.`);
      expected.push(...asked.map((agent) => `${shared} ${agent}: Answer to ${round}.`));
      await sleep(random() * 900);
      running.kill("SIGKILL");
      await running.ended;
      running = troupe.start();
      await person.waitFor(areThere, { from, limitMs: 60_000 });
    }
    await sleep(2_000); // What comes a second time must have the time to show.
    expect(answers().sort()).toEqual(expected.sort());
    expect(person.seen().filter(({ undecryptable }) => undecryptable)).toEqual([]);
    await end(running);
  },
);

/** Answers with the number of the newest message; each second one after a call. */
const counting: Part = (request) => {
  const number = /message (\d+)\.\s*$/.exec(newestWords(request))?.[1];
  if (Number(number) % 2 === 0 && !hasCalled(request)) return { calls: [{ name: "get_current_time" }] };
  return `Answer to ${number}.`;
};
