import { afterEach, describe, expect, it } from "vitest";
import { openHarness } from "./support/agent-harness.ts";
import { scriptedModel } from "./support/scripted-model.ts";

const open: Awaited<ReturnType<typeof openHarness>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Three messages that are worked on together; `during` is called in the middle of the first step. */
async function together(
  during: (at: { takeBack(text: string): void; stop(): void; suspend(text: string): void }) => void,
) {
  const model = scriptedModel(
    { calls: [{ name: "get_current_time", input: {} }] },
    (request) =>
      `Read: ${JSON.stringify(request.prompt)
        .match(/apples|pears|plums/g)
        ?.join(" ")}`,
  );
  const one = await openHarness({ model });
  open.push(one);
  const rowOf = (text: string) => one.store.inbox.open("test").find((row) => row.text === text);
  const withdraw = (inbox: number) => one.orchestrator.withdraw({ agent: "main", conversation: "test:room", inbox });
  const at = {
    takeBack(text: string) {
      const row = rowOf(text);
      if (!row) throw new Error(`${text} is not open`);
      one.store.removal.remove(row);
      withdraw(row.id);
    },
    suspend: (text: string) => withdraw(rowOf(text)?.id ?? 0),
    stop: () => void one.orchestrator.stop("main", "test:room"),
  };
  let begun = false;
  const onEvent = ({ type }: { type: string }): void => {
    if (type !== "tool-start" || begun) return;
    begun = true;
    during(at);
  };
  const settled = Promise.withResolvers<void>();
  one.store.outbox.watch("test", () => one.store.inbox.open("test").length === 0 && settled.resolve());
  const said = ["apples", "pears", "plums"].map((text) => one.say(text, { onEvent }));
  return { ...one, said, settled: settled.promise };
}

describe("a message that is taken back while it is worked on with others", () => {
  it("is left out, and the others are answered", async () => {
    const { answers, settled, store, prompts } = await together(({ takeBack }) => takeBack("pears"));
    await settled;
    expect(answers()).toEqual(["Read: apples plums"]);
    expect(store.outbox.waiting("test")[0]?.answers).toHaveLength(2);
    expect(JSON.stringify(prompts().at(-1))).not.toContain("pears");
  });

  it("may be the newest of them, or all but one", async () => {
    const { answers, settled } = await together(({ takeBack }) => {
      takeBack("plums");
      takeBack("apples");
    });
    await settled;
    expect(answers()).toEqual(["Read: pears"]);
  });

  it("ends the work when nothing is left of it", async () => {
    const { answers, said, store } = await together(({ takeBack }) => ["apples", "pears", "plums"].forEach(takeBack));
    await said[2];
    expect(store.inbox.open("test")).toEqual([]);
    expect(answers()).toEqual([]);
  });

  it("does not bring back what is stopped a moment later", async () => {
    const { answers, said, store } = await together(({ takeBack, stop }) => {
      takeBack("pears");
      stop();
    });
    await said[2];
    expect(store.inbox.open("test")).toEqual([]);
    expect(answers()).toEqual([]);
  });
});

it("a question that is taken back ends all that was worked on with it", async () => {
  const { answers, said, store } = await together(({ suspend }) => suspend("pears"));
  await said[2];
  expect(store.inbox.open("test")).toEqual([]);
  expect(answers()).toEqual([]);
});
