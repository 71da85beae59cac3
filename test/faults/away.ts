import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { layMatrixHome } from "../support/matrix-home.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { program } from "../support/program.ts";
import { startSynapse } from "../support/synapse.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { startWireModel } from "../support/wire-model.ts";

// Run as a program: holds the program (SIGSTOP) or takes the homeserver away for so long, while its owner writes. The exit
// code is 1 when an answer is missing, doubled, out of order, or later than 60 s after the return.

const { values } = parseArgs({
  options: { what: { type: "string", default: "program" }, minutes: { type: "string", default: "10" } },
});
const limitMs = 60_000;
const awayMs = Number(values.minutes) * 60_000;

await using stack = new AsyncDisposableStack();
const synapse = stack.adopt(await startSynapse(), ({ stop }) => stop());
const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
// It answers the last thing said at once, and the ones before with it: each run is of one burst.
const model = stack.use(
  await startWireModel("ollama", ({ newest }) => `You said: ${newest.match(/number \d+/g)?.join()}`),
);
const home = stack.use(temporaryHome());
layMatrixHome(home, { url: synapse.url, agent, owner, model: model.config });
const person = stack.adopt(await startMatrixPerson({ url: synapse.url, user: owner, crossSigned: true }), (one) =>
  one.stop(),
);
const memtrix = stack.use(program({ home: home.path }));
const running = memtrix.start(["start"], { limitMs: awayMs + 600_000 });
const room = await person.waitForInvitation(undefined, { limitMs: 300_000 });
await person.join(room);
await person.waitForMessage(room, undefined, { limitMs: 300_000 });

const answers = () =>
  person
    .seen()
    .filter(({ sender, type, content }) => sender === agent.userId && type === "m.room.message" && content.body)
    .map(({ content }) => String(content.body))
    .filter((body) => body.startsWith("You said:"));
const isAnswered = (number: number) => answers().some((body) => body.endsWith(`number ${number}`));
async function untilAnswered(number: number): Promise<number> {
  const began = performance.now();
  while (!isAnswered(number) && performance.now() - began < 2 * limitMs) await sleep(50);
  return Math.round(performance.now() - began);
}

await person.send(room, "number 1");
console.log(`before: ${await untilAnswered(1)} ms`);
if (values.what === "program") {
  running.kill("SIGSTOP");
  await person.send(room, "number 2");
  await sleep(awayMs);
  await person.send(room, "number 3");
  running.kill("SIGCONT");
} else {
  await person.send(room, "number 2");
  await person.send(room, "number 3");
  await synapse.pause();
  await sleep(awayMs);
  await synapse.resume();
}
const afterMs = await untilAnswered(3);
console.log(`${values.minutes} minutes later: ${afterMs} ms`);
await person.send(room, "number 4");
console.log(`then: ${await untilAnswered(4)} ms`);
running.kill("SIGTERM");
await running.ended;

const numbers = answers().flatMap((body) => [...body.matchAll(/number (\d+)/g)].map(([, number]) => Number(number)));
const inOrder = [...new Set(numbers)].join() === "1,2,3,4" && numbers.length === 4;
const faults = [
  ...(inOrder ? [] : [`answered: ${numbers.join()}`]),
  ...(afterMs > limitMs ? [`later than ${limitMs / 1000} s`] : []),
];
console.log(faults.length === 0 ? "right" : `WRONG: ${faults.join("; ")}`);
process.exitCode = faults.length > 0 ? 1 : 0;
