import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { dictatedModel } from "../support/dictated-model.ts";
import { startHomeserverProxy } from "../support/homeserver-proxy.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startMatrixRig } from "../support/matrix-rig.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";

const longerThanTyping = 4_000;

it.skipIf(!(await canRunSynapse()))(
  "where typing, receipts and reactions fail, and the event loop is held for 5 s, each message is answered once",
  async () => {
    await using stack = new AsyncDisposableStack();
    const synapse = stack.adopt(await startSynapse(), ({ stop }) => stop());
    const [agent, user] = [await synapse.registerUser("memtrix"), await synapse.registerUser("ada")];
    const proxy = stack.adopt(await startHomeserverProxy(synapse.url), ({ stop }) => stop());
    const failed: string[] = [];
    const isAside = (path: string) =>
      /\/typing\/|\/receipt\/|\/read_markers|\/send\/m\.reaction\/|\/redact\//.test(path);
    proxy.answer((path) => isAside(path) && failed.push(path) > 0, 500, { errcode: "M_UNKNOWN", error: "no" });
    const person = stack.adopt(await startMatrixPerson({ url: synapse.url, user }), (one) => one.stop());
    const dictated = dictatedModel();
    const rig = stack.adopt(
      await startMatrixRig({
        ...{ url: proxy.url, agent, owners: [user.userId], model: dictated.model },
        settings: { eyes: "on", streaming: "on" },
      }),
      (one) => one.stop(),
    );
    // Unencrypted: what an event is shows in its path.
    const room = await person.createRoom({ invite: [agent.userId], encrypted: false });
    await person.waitForJoin(room, agent.userId);

    await person.send(room, "think about it");
    await sleep(longerThanTyping);
    dictated.say("I have.");
    dictated.finish();
    await person.waitForMessage(room, ({ content }) => content.body === "I have.");
    expect(failed.some((path) => path.includes("/typing/"))).toBe(true);

    const until = performance.now() + 5_000;
    await person.send(room, "and again");
    while (performance.now() < until);
    await expect.poll(() => dictated.model.doStreamCalls.length, { timeout: 30_000 }).toBe(2);
    dictated.say("Again.");
    dictated.finish();
    await person.waitForMessage(room, ({ content }) => content.body === "Again.");
    const roles = [...rig.store.log.newestFirst(rig.store.sessions.current("main", `matrix:${room}`).id, 0)].map(
      ({ role, text }) => `${role}: ${text}`,
    );
    expect(roles.reverse()).toEqual([
      ...["user: think about it", "assistant: I have.", "user: and again", "assistant: Again."],
    ]);
    expect(rig.store.outbox.waiting("matrix").filter(({ kind }) => kind === "answer")).toEqual([]);
  },
  120_000,
);
